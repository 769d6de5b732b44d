// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batch_stream.h"

#include "core/data/batch_source.h"
#include "core/error.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

using Sources = std::vector<std::unique_ptr<BatchSource>>;

/// Which batch of which source a step sees.
class Timetable {
public:
    Timetable(const Schedule& schedule, const Sources& sources);
    BatchOrigin originAt(std::int64_t step) const;
    std::optional<std::int64_t> stepsPerEpoch() const;

private:
    BatchOrigin inOrder(std::int64_t turn) const;
    BatchOrigin alternating(std::int64_t turn) const;

    Schedule m_schedule;
    std::vector<std::optional<std::int64_t>> m_counts;
};

Timetable::Timetable(const Schedule& schedule, const Sources& sources) : m_schedule(schedule) {
    for (const auto& source : sources)
        m_counts.push_back(source->count());
    const bool every = schedule.order == Schedule::Order::Alternating;
    const auto isEmpty = [](const std::optional<std::int64_t>& count) { return count == 0; };
    if (every ? std::any_of(m_counts.begin(), m_counts.end(), isEmpty)
              : std::all_of(m_counts.begin(), m_counts.end(), isEmpty))
        throw Error(ErrorCode::BadInput, "the data holds no batch: fewer samples than the batch size, with drop_last, "
                                         "or none at all");
    if (schedule.order != Schedule::Order::Explicit)
        return;
    for (const Schedule::Entry& entry : schedule.steps) {
        const auto& count = m_counts.at(static_cast<std::size_t>(entry.source));
        if (count && entry.batch >= *count)
            throw Error(ErrorCode::BadInput, "data.schedule.steps: there is no batch " + std::to_string(entry.batch)
                                                 + " of source " + std::to_string(entry.source) + ", which has "
                                                 + std::to_string(*count));
    }
}

BatchOrigin Timetable::originAt(std::int64_t step) const {
    const std::int64_t turn = step / m_schedule.repeat;
    switch (m_schedule.order) {
    case Schedule::Order::InOrder:
        return inOrder(turn);
    case Schedule::Order::Alternating:
        return alternating(turn);
    case Schedule::Order::Explicit:
        break;
    }
    const auto length = static_cast<std::int64_t>(m_schedule.steps.size());
    const Schedule::Entry& entry = m_schedule.steps[static_cast<std::size_t>(turn % length)];
    return {entry.source, entry.batch, turn / length};
}

BatchOrigin Timetable::inOrder(std::int64_t turn) const {
    std::int64_t total = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        // An endless source never gives way to the ones behind it.
        if (!m_counts[i] || turn < total + *m_counts[i])
            return {static_cast<int>(i), turn - total, 0};
        total += *m_counts[i];
    }
    BatchOrigin origin = inOrder(turn % total);
    origin.epoch = turn / total;
    return origin;
}

BatchOrigin Timetable::alternating(std::int64_t turn) const {
    const auto sources = static_cast<std::int64_t>(m_counts.size());
    const auto source = static_cast<std::size_t>(turn % sources);
    const std::int64_t round = turn / sources;
    if (!m_counts[source])
        return {static_cast<int>(source), round, 0};
    return {static_cast<int>(source), round % *m_counts[source], round / *m_counts[source]};
}

std::optional<std::int64_t> Timetable::stepsPerEpoch() const {
    if (m_schedule.order == Schedule::Order::Explicit)
        return static_cast<std::int64_t>(m_schedule.steps.size()) * m_schedule.repeat;
    std::int64_t total = 0, longest = 0;
    for (const auto& count : m_counts) {
        if (!count)
            return std::nullopt;
        total += *count;
        longest = std::max(longest, *count);
    }
    const auto sources = static_cast<std::int64_t>(m_counts.size());
    return (m_schedule.order == Schedule::Order::InOrder ? total : longest * sources) * m_schedule.repeat;
}

/// Rows that hold at every step what they hold at step 0; batches with other channels or lengths are left alone.
class PinnedRows {
public:
    PinnedRows(std::vector<std::int64_t> rows, Tensor first) : m_rows(std::move(rows)), m_first(std::move(first)) {
        for (const std::int64_t row : m_rows) {
            if (row < 0 || row >= m_first.shape()[0])
                throw Error(ErrorCode::BadInput, "data.schedule.pinned_rows: there is no row " + std::to_string(row)
                                                     + " in the first batch of shape " + shapeText(m_first.shape()));
        }
    }
    void apply(Tensor& batch) const {
        if (!std::equal(batch.shape().begin() + 1, batch.shape().end(), m_first.shape().begin() + 1,
                        m_first.shape().end()))
            return;
        const std::size_t rowBytes = m_first.byteSize() / static_cast<std::size_t>(m_first.shape()[0]);
        for (const std::int64_t row : m_rows) {
            const std::size_t offset = static_cast<std::size_t>(row) * rowBytes;
            if (row < batch.shape()[0] && rowBytes > 0)
                std::memcpy(batch.bytes() + offset, m_first.bytes() + offset, rowBytes);
        }
    }

private:
    std::vector<std::int64_t> m_rows;
    Tensor m_first;
};

class OpenStream : public BatchStream {
public:
    OpenStream(const DataSpec& spec, Sources sources, Sources gradients, std::vector<std::string> notes);

    BatchOrigin originAt(std::int64_t step) const override { return m_timetable.originAt(step); }
    void read(std::int64_t step, Tensor& out) const override { readFrom(m_sources, m_pinned, step, out); }
    bool hasGradients() const override { return !m_gradients.empty(); }
    void readGradient(std::int64_t step, Tensor& out) const override {
        readFrom(m_gradients, m_pinnedGradient, step, out);
    }
    std::optional<Population> populationAt(std::int64_t step) const override {
        const BatchOrigin origin = originAt(step);
        return source(m_sources, origin).populationOf(origin.batch);
    }
    std::optional<std::int64_t> stepsPerEpoch() const override { return m_timetable.stepsPerEpoch(); }
    Dims shapeAt(std::int64_t step) const override {
        const BatchOrigin origin = originAt(step);
        return source(m_sources, origin).shapeOf(origin.batch, origin.epoch);
    }
    std::int64_t channels() const override { return shapeAt(0)[1]; }
    const std::vector<std::string>& channelNames() const override {
        return source(m_sources, originAt(0)).channelNames();
    }
    const std::vector<std::string>& notes() const override { return m_notes; }

private:
    static const BatchSource& source(const Sources& sources, const BatchOrigin& origin) {
        return *sources[static_cast<std::size_t>(origin.source)];
    }
    void readFrom(const Sources& sources, const std::optional<PinnedRows>& pinned, std::int64_t step,
                  Tensor& out) const;
    std::optional<PinnedRows> pin(const Sources& sources, const std::vector<std::int64_t>& rows) const;

    Sources m_sources, m_gradients;
    Timetable m_timetable;
    std::optional<PinnedRows> m_pinned, m_pinnedGradient;
    std::vector<std::string> m_notes;
};

OpenStream::OpenStream(const DataSpec& spec, Sources sources, Sources gradients, std::vector<std::string> notes)
    : m_sources(std::move(sources)),
      m_gradients(std::move(gradients)),
      m_timetable(spec.schedule, m_sources),
      m_notes(std::move(notes)) {
    m_pinned = pin(m_sources, spec.schedule.pinnedRows);
    if (!m_gradients.empty())
        m_pinnedGradient = pin(m_gradients, spec.schedule.pinnedRows);
}

std::optional<PinnedRows> OpenStream::pin(const Sources& sources, const std::vector<std::int64_t>& rows) const {
    if (rows.empty())
        return std::nullopt;
    Tensor first;
    readFrom(sources, std::nullopt, 0, first);
    return PinnedRows(rows, std::move(first));
}

void OpenStream::readFrom(const Sources& sources, const std::optional<PinnedRows>& pinned, std::int64_t step,
                          Tensor& out) const {
    BatchOrigin origin = originAt(step);
    const BatchSource& from = source(sources, origin);
    // Gradients of an endless source may be finite; then they start again.
    if (const auto count = from.count())
        origin.batch %= *count;
    from.read(origin.batch, origin.epoch, out);
    if (pinned)
        pinned->apply(out);
}

/// Every gradient batch must have the shape of its data batch.
void checkGradientShapes(const BatchSource& data, const BatchSource& gradient, std::size_t index) {
    const auto dataCount = data.count(), gradientCount = gradient.count();
    const std::string where = "data.gradients[" + std::to_string(index) + "]";
    if (gradientCount == 0 || (dataCount && gradientCount && *dataCount != *gradientCount))
        throw Error(ErrorCode::BadInput, where + ": " + std::to_string(*gradientCount) + " batches, expected "
                                             + (dataCount ? std::to_string(*dataCount) : "at least 1")
                                             + ", one for each batch of the data");
    const std::int64_t count = dataCount ? *dataCount : gradientCount.value_or(1);
    for (std::int64_t batch = 0; batch < count; ++batch) {
        const Dims expected = data.shapeOf(batch, 0), got = gradient.shapeOf(batch, 0);
        if (got != expected)
            throw Error(ErrorCode::BadInput, where + ": batch " + std::to_string(batch) + " has shape " + shapeText(got)
                                                 + ", expected that of the data, " + shapeText(expected));
    }
}

void checkGradients(const Sources& sources, const Sources& gradients) {
    if (gradients.empty())
        return;
    if (gradients.size() != sources.size())
        throw Error(ErrorCode::BadInput, "data.gradients: " + std::to_string(gradients.size())
                                             + " sources, expected one for each of the "
                                             + std::to_string(sources.size()) + " data sources");
    for (std::size_t i = 0; i < sources.size(); ++i)
        checkGradientShapes(*sources[i], *gradients[i], i);
}

}  // namespace

std::shared_ptr<const BatchStream> BatchStream::open(const DataSpec& spec, DType dtype, std::int64_t byteLimit,
                                                     const Progress& progress, std::stop_token stop) {
    if (spec.sources.empty())
        throw Error(ErrorCode::BadInput, "data.sources is empty, expected at least one source of batches");
    const Batching batching{spec.batchSize, spec.dropLast, spec.shuffleSeed, dtype, byteLimit};
    std::vector<std::string> notes;
    Sources sources, gradients;
    const std::size_t total = spec.sources.size() + spec.gradients.size();
    const auto openInto = [&](Sources& list, const SourceSpec& source) {
        const std::size_t before = sources.size() + gradients.size();
        const Progress part = [&](double share) {
            if (progress)
                progress((static_cast<double>(before) + share) / static_cast<double>(total));
        };
        list.push_back(openSource(source, batching, list.size(), notes, part, stop));
    };
    for (const SourceSpec& source : spec.sources)
        openInto(sources, source);
    for (const SourceSpec& source : spec.gradients)
        openInto(gradients, source);
    checkGradients(sources, gradients);
    return std::make_shared<OpenStream>(spec, std::move(sources), std::move(gradients), std::move(notes));
}

}  // namespace bnstudio
