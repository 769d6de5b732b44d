// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_panel.h"

#include "ui/flow/flow_motion.h"
#include "ui/flow/flow_switch.h"
#include "ui/flow/flow_tips.h"
#include "ui/flow/peek_key.h"
#include "ui/flow/phase_strip.h"
#include "ui/panels/transport_bar.h"

#include <QPainter>

#include <algorithm>

namespace bnstudio {

namespace {

/// The whole stays the whole, also of a batch of another size.
CellWindow wish(const CellWindow& window, const FlowMatrix& matrix) {
    return window == CellWindow::all(matrix) ? CellWindow{} : window;
}

bool isFirstPhase(const FlowContent& content) {
    if (!content.frame || !content.frame->snapshot)
        return false;
    const std::vector<Phase> phases = phasesOf(*content.frame->snapshot);
    return !phases.empty() && phases.front() == content.phase;
}

}  // namespace

FlowPanel::FlowPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_strip(new PhaseStrip(session, this)),
      m_switch(new FlowSwitch(this)),
      m_binning(new FlowBinning(this)),
      m_motion(new FlowMotion(this)) {
    setObjectName(QStringLiteral("flowPanel"));
    setAccessibleName(tr("Flow of the displayed step"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    new PeekKey(session, *this);
    connect(m_binning, &FlowBinning::ready, this, &FlowPanel::showNext);
    connect(m_motion, &FlowMotion::moved, this, qOverload<>(&QWidget::update));
    connect(m_switch, &QAbstractButton::clicked, this,
            [this] { setModeFromHere(m_session, !m_session.settings().trainMode); });
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Shown | Change::Phase | Change::Peek | Change::Data))
            refreshLater();
        if (changes.testFlag(Change::Selection)) {
            setWindow(revealing(m_content.matrix, window(), m_session.selectedCell()));
            tellCell();
            update();
        }
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] { setWindow(m_window); });
    refreshLater();
}

FlowPanel::~FlowPanel() {
    m_session.disconnect(this);
}

QWidget* FlowPanel::header() const {
    return m_strip;
}

// --- from step to picture ------------------------------------------------------------------------------------------

void FlowPanel::refreshLater() {
    m_isDue = true;
    if (m_isQueued || !isVisible())
        return;
    m_isQueued = true;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_isQueued = false;
            if (m_isDue && isVisible())
                refresh();
        },
        Qt::QueuedConnection);
}

void FlowPanel::refresh() {
    m_isDue = false;
    FlowSource source;
    source.frame = m_session.displayedFrame();
    source.lane = m_session.displayedLane();
    source.state = m_session.shown().state;
    source.phase = m_session.phase();
    source.batchShape = m_session.facts().batchShape;
    source.unfolded = unfoldedIn(source);
    m_next = flowContent(source);
    const FlowMatrix &before = m_content.matrix, &after = m_next.matrix;
    if (before.samples != after.samples || before.columns != after.columns || before.positions != after.positions)
        m_window = {};
    else if (before.unfolded != after.unfolded)
        m_window = wish(refolded(before, after, window()), after);
    requestBins();
}

/// Data of another shape begin anew; another number of samples, as in a last batch, keeps what is folded out.
std::int64_t FlowPanel::unfoldedIn(const FlowSource& source) {
    const FlowMatrix matrix = FlowMatrix::of(source.frame ? source.frame->x.shape() : source.batchShape);
    if (!m_unfolded || matrix.positions != m_content.matrix.positions || matrix.columns != m_content.matrix.columns)
        m_unfolded = unfoldedAtFirst(matrix, m_session.selectedCell().n);
    return *m_unfolded;
}

void FlowPanel::toggleFold(std::int64_t sample) {
    if (!m_content.matrix.canUnfold())
        return;
    m_unfolded = m_content.matrix.unfolded == sample ? -1 : sample;
    refreshLater();
}

/// The next content comes to the screen together with its pictures, never half of it.
void FlowPanel::requestBins() {
    BinRequest request;
    request.frame = m_next.frame;
    const FlowFrame frame =
        flowFrame(m_next, m_window, size(), Theme::instance().textFont(-2), Theme::instance().boldFont());
    const FlowGeometry geometry(frame);
    for (const FlowMapContent& map : m_next.maps)
        if (map.isShown())
            request.maps.push_back(map.map);
    if (!request.maps.empty()) {
        const QSize cells = geometry.maps().front().cells.size() * devicePixelRatioF();
        request.grid =
            BinGrid::fitting(geometry.frame().matrix, geometry.frame().window, cells.width(), cells.height());
    }
    if (m_binning->request(request))
        showNext();
}

void FlowPanel::showNext() {
    const FlowContent before = std::exchange(m_content, m_next);
    m_geometry = FlowGeometry(
        flowFrame(m_content, m_window, size(), Theme::instance().textFont(-2), Theme::instance().boldFont()));
    m_switch->setTrains(m_session.settings().trainMode);
    m_switch->place(m_geometry.switchLabel(0), m_geometry.switchLabel(1));
    if (m_hover && !m_content.matrix.contains({0, m_hover->column, 0}))
        m_hover.reset();
    showMotion(before);
    tellCell();
    update();
}

/// On to a later phase values go along its arrows; back to an earlier one they return by those of the phase left. An
/// edit or a peek is no motion, though the phases of a step may be others after it.
void FlowPanel::showMotion(const FlowContent& before) {
    const Phase from = before.phase, to = m_content.phase;
    const bool sameStep = before.frame == m_content.frame;
    const bool entersNext = !sameStep && isFirstPhase(m_content), leavesBack = !sameStep && isFirstPhase(before);
    if (from == to || !before.frame || !m_content.frame || !(sameStep || entersNext || leavesBack)) {
        if (!sameStep)
            m_motion->stop();
        return;
    }
    const bool isForward = sameStep ? to > from : m_content.frame->step > before.frame->step;
    std::vector<FlowTravel> travels =
        flowTravels(isForward ? m_content : before, m_geometry, colors(), m_session.selectedCell());
    if (!isForward)
        for (FlowTravel& travel : travels)
            travel.path = travel.path.toReversed();
    m_motion->begin(std::move(travels));
}

void FlowPanel::setWindow(const CellWindow& window) {
    m_window = wish(window, m_content.matrix);
    if (!m_isDue)
        requestBins();
}

bool FlowPanel::isComplete() const {
    return !m_isDue && m_binning->isSettled() && !m_motion->isRunning();
}

void FlowPanel::resizeEvent(QResizeEvent*) {
    setWindow(m_window);
    placeEditor();
}

void FlowPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_isDue)
        refreshLater();
}

// --- painting ------------------------------------------------------------------------------------------------------

const QImage& FlowPanel::picture(std::size_t place) {
    Picture& picture = m_pictures[place];
    const FlowMapContent& map = m_content.maps[place];
    const auto bins = map.isShown() ? m_binning->find(map.map) : nullptr;
    const HeatStyle style{m_geometry.maps()[place].cells.size(), devicePixelRatioF(), map.limit, colors().dark};
    if (bins != picture.bins || !(style == picture.style)) {
        picture = {bins, style, {}, {}};
        if (bins) {
            picture.image = heatPicture(*bins, style);
            picture.notFinite = notFiniteOf(*bins);
        }
    }
    return picture.image;
}

FlowLook FlowPanel::look() {
    FlowLook look;
    look.palette = colors();
    look.small = Theme::instance().textFont(-2);
    look.title = Theme::instance().boldFont();
    for (std::size_t i = 0; i < 3; ++i) {
        look.pictures[i] = picture(i);
        look.areExact[i] = m_pictures[i].bins && m_pictures[i].bins->grid.isExact();
        look.notFinite[i] = m_pictures[i].notFinite;
    }
    look.selected = m_session.selectedCell();
    look.hasFocus = hasFocus();
    look.hovered = hoveredChannel();
    look.pointed = pointedPlace();
    look.hint = hintText();
    look.isPeeking = m_session.isPeeking();
    return look;
}

void FlowPanel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintFlow({painter, m_content, m_geometry, look()});
    m_motion->paint(painter, colors());
}

QString FlowPanel::hintText() const {
    FlowHint hint;
    hint.isPeeking = m_session.isPeeking();
    hint.trains = m_content.trains;
    hint.hasStep = m_session.shown().lane != nullptr;
    hint.matrix = m_content.matrix;
    hint.window = window();
    return hintFor(hint, width(), QFontMetrics(Theme::instance().textFont(-2)));
}

QString FlowPanel::spokenDescription() {
    const QString cell = describeCell(m_content, m_session.selectedCell());
    return m_content.frame ? tr("%1 Ctrl+T shows the numbers as a table.").arg(cell) : cell;
}

/// Who listens hears of another element, and of other values in it; not of what lies beside them.
void FlowPanel::tellCell() {
    const Cell cell = m_session.selectedCell();
    if (cell == m_toldCell && m_content.frame == m_toldFrame && m_content.phase == m_toldPhase)
        return;
    m_toldCell = cell;
    m_toldFrame = m_content.frame;
    m_toldPhase = m_content.phase;
    if (hasFocus())
        speakUp();
}

// --- what other views point at -------------------------------------------------------------------------------------

void FlowPanel::point(std::optional<Link> link) {
    if (std::exchange(m_link, link) != link)
        update();
}

std::optional<FlowGeometry::Place> FlowPanel::pointedPlace() const {
    return m_link ? placeOf(*m_link, m_content) : std::nullopt;
}

}  // namespace bnstudio
