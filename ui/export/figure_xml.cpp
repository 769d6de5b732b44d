// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/figure_xml.h"

#include "core/error.h"
#include "core/io/input_file.h"

#include <QXmlStreamReader>
#include <QXmlStreamWriter>

namespace bnstudio {

namespace {

// A name, not an address: it tells our properties from those of others.
const QString figureNamespace = QStringLiteral("urn:bnstudio:figure");
const QString rdfNamespace = QStringLiteral("http://www.w3.org/1999/02/22-rdf-syntax-ns#");
const QString dcNamespace = QStringLiteral("http://purl.org/dc/elements/1.1/");
const QString xmpNamespace = QStringLiteral("http://ns.adobe.com/xap/1.0/");

/// The text of the element that the reader has just entered, of whatever is nested in it the outermost text alone.
QByteArray boundedText(QXmlStreamReader& xml, const std::string& label) {
    const QByteArray text = xml.readElementText(QXmlStreamReader::SkipChildElements).toUtf8();
    if (text.size() > FigureTexts::longest)
        refuse(label, "a text in it is longer than 16 MiB, which no figure carries");
    return text;
}

/// Texts of the elements for which @p nameOf gives one of their names. What is wrong with the XML behind them does not
/// matter, and neither does where the file was cut off.
template <class NameOf>
FigureTexts textsIn(QXmlStreamReader& xml, const std::string& label, const std::stop_token& stop, NameOf nameOf) {
    FigureTexts texts;
    while (!xml.atEnd() && (texts.recipe.isEmpty() || texts.view.isEmpty())) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, label + ": cancelled");
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        const QString name = nameOf(xml);
        QByteArray* text = name == QLatin1String(FigureTexts::recipeName) ? &texts.recipe
                           : name == QLatin1String(FigureTexts::viewName) ? &texts.view
                                                                          : nullptr;
        if (!text)
            continue;
        *text = boundedText(xml, label);
        if (xml.hasError())
            refuse(label, "the recipe in it is damaged or longer than 16 MiB");
    }
    return texts;
}

}  // namespace

QByteArray svgMetadata(const FigureTexts& texts) {
    QByteArray metadata;
    QXmlStreamWriter xml(&metadata);
    const auto add = [&xml](const char* name, const QByteArray& text) {
        xml.writeStartElement(QStringLiteral("metadata"));
        xml.writeAttribute(QStringLiteral("id"), QLatin1String(name));
        xml.writeCharacters(QString::fromUtf8(text));
        xml.writeEndElement();
    };
    add(FigureTexts::recipeName, texts.recipe);
    add(FigureTexts::viewName, texts.view);
    return metadata + '\n';
}

FigureTexts svgTexts(const QByteArray& start, const std::string& label, const std::stop_token& stop) {
    QXmlStreamReader xml(start);
    return textsIn(xml, label, stop, [](const QXmlStreamReader& at) {
        return at.name() == QLatin1String("metadata") ? at.attributes().value(QLatin1String("id")).toString()
                                                      : QString();
    });
}

QByteArray xmpPacket(const FigureTexts& texts, const QString& title) {
    QByteArray body;
    QXmlStreamWriter xml(&body);
    xml.writeNamespace(QStringLiteral("adobe:ns:meta/"), QStringLiteral("x"));
    xml.writeNamespace(rdfNamespace, QStringLiteral("rdf"));
    xml.writeNamespace(dcNamespace, QStringLiteral("dc"));
    xml.writeNamespace(xmpNamespace, QStringLiteral("xmp"));
    xml.writeNamespace(figureNamespace, QStringLiteral("bnstudio"));
    xml.writeStartElement(QStringLiteral("adobe:ns:meta/"), QStringLiteral("xmpmeta"));
    xml.writeStartElement(rdfNamespace, QStringLiteral("RDF"));
    xml.writeStartElement(rdfNamespace, QStringLiteral("Description"));
    xml.writeAttribute(rdfNamespace, QStringLiteral("about"), {});
    xml.writeStartElement(dcNamespace, QStringLiteral("title"));
    xml.writeStartElement(rdfNamespace, QStringLiteral("Alt"));
    xml.writeStartElement(rdfNamespace, QStringLiteral("li"));
    xml.writeAttribute(QStringLiteral("xml:lang"), QStringLiteral("x-default"));
    xml.writeCharacters(title);
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeTextElement(xmpNamespace, QStringLiteral("CreatorTool"), QStringLiteral("BatchNorm1d Studio"));
    xml.writeTextElement(figureNamespace, QLatin1String(FigureTexts::recipeName), QString::fromUtf8(texts.recipe));
    xml.writeTextElement(figureNamespace, QLatin1String(FigureTexts::viewName), QString::fromUtf8(texts.view));
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    return "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" + body + "\n<?xpacket end=\"w\"?>";
}

FigureTexts pdfTexts(const QByteArray& start, const std::string& label, const std::stop_token& stop) {
    const QByteArrayView all(start);
    const QByteArrayView opening("<?xpacket begin="), ending("<?xpacket end=");
    // Packets do not nest: the next one is looked for behind this one, so that no byte is searched twice.
    for (qsizetype from = all.indexOf(opening); from >= 0;) {
        const qsizetype end = all.indexOf(ending, from);
        const qsizetype behind = end < 0 ? all.size() : end;
        const QByteArrayView packet = all.sliced(from, behind - from);
        from = all.indexOf(opening, behind);
        const qsizetype body = packet.indexOf("?>");
        if (body < 0 || packet.indexOf("urn:bnstudio:figure") < 0)
            continue;
        QXmlStreamReader xml(packet.sliced(body + 2).toByteArray());
        const FigureTexts texts = textsIn(xml, label, stop, [](const QXmlStreamReader& at) {
            return at.namespaceUri() == figureNamespace ? at.name().toString() : QString();
        });
        if (!texts.isEmpty())
            return texts;
    }
    return {};
}

}  // namespace bnstudio
