// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/figure_recipe.h"

#include "core/error.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr std::int64_t mostSteps = 1'000'000;

/// A whole number of the view within bounds; @p otherwise when it is absent.
std::int64_t numberIn(const QJsonObject& view, const char* key, std::int64_t least, std::int64_t otherwise,
                      const QString& path) {
    const QJsonValue value = view[QLatin1String(key)];
    if (value.isUndefined())
        return otherwise;
    constexpr std::int64_t none = -2;  // no whole number of JSON that could be meant
    const std::int64_t number = value.toInteger(none);
    if (!value.isDouble() || number < least)
        throw Error(ErrorCode::BadInput, path.toStdString() + ": the view in it says no " + key
                                             + ", expected a whole number from " + std::to_string(least));
    return number;
}

}  // namespace

FigureTexts textsOf(const FigureRecipe& figure, const QString& path) {
    FigureTexts texts;
    texts.recipe = QByteArray::fromStdString(recipeFileText(figure.recipe, path.toStdString()));
    if (texts.recipe.size() > FigureTexts::longest)
        return {};
    const QJsonObject view{{QStringLiteral("step"), qint64{figure.step}},
                           {QStringLiteral("steps"), qint64{figure.steps}},
                           {QStringLiteral("channel"), qint64{figure.channel}}};
    texts.view = QJsonDocument(view).toJson(QJsonDocument::Compact);
    return texts;
}

FigureRecipe figureRecipeFrom(const FigureTexts& texts, const QString& path) {
    FigureRecipe figure;
    figure.recipe = recipeFromFileText(texts.recipe.toStdString(), path.toStdString());
    const QJsonDocument document = QJsonDocument::fromJson(texts.view);
    if (!texts.view.isEmpty() && !document.isObject())
        throw Error(ErrorCode::BadInput,
                    path.toStdString() + ": the view in it is damaged, expected a JSON object with a step");
    const QJsonObject view = document.object();
    figure.step = std::min(numberIn(view, "step", -1, -1, path), mostSteps - 1);
    figure.steps = std::clamp(numberIn(view, "steps", 0, 0, path), figure.step + 1, mostSteps);
    figure.channel = numberIn(view, "channel", 0, 0, path);
    return figure;
}

}  // namespace bnstudio
