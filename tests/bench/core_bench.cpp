// SPDX-License-Identifier: GPL-3.0-or-later
#include "layer_bench.h"
#include "ratio_table.h"

#include "core/data/generator.h"
#include "core/norm/batch_norm.h"
#include "core/run/run.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

using namespace bnstudio;

namespace {

GeneratorSpec generator(GeneratorSpec::Kind kind, const Dims& shape) {
    GeneratorSpec spec;
    spec.kind = kind;
    spec.n = shape[0];
    spec.c = shape[1];
    spec.l = shape.size() > 2 ? shape[2] : 0;
    return spec;
}

void countElements(benchmark::State& state, const Tensor& batch) {
    state.SetItemsProcessed(state.iterations() * batch.size());
}

// Two passes over the batch that a step makes besides the forward.
void health(benchmark::State& state, const Dims& shape, DType dtype) {
    const Tensor x = bench::normalBatch(shape, dtype, 0);
    for (auto _ : state)
        benchmark::DoNotOptimize(countHealth(x));
    countElements(state, x);
}

void generate(benchmark::State& state, const GeneratorSpec& spec, DType dtype) {
    Tensor x;
    std::int64_t k = 0;
    generateBatch(spec, k, dtype, x);
    for (auto _ : state)
        generateBatch(spec, ++k, dtype, x);
    countElements(state, x);
}

// A step of the run: batch, events, passes, snapshot, series. The history grows to its budget on the way, as it does in
// the window.
void step(benchmark::State& state, const Recipe& recipe) {
    Run run(recipe);
    run.advance();
    for (auto _ : state)
        benchmark::DoNotOptimize(run.advance());
    state.SetItemsProcessed(state.iterations() * checkedElementCount(run.stream().shapeAt(0), 1));
}

// The same without reading the batch, which is timed beside it and taken off: moments, health, snapshot and history,
// but no output, which the window evaluates cell by cell; with or without the series that plots read.
void stepWithoutBatch(benchmark::State& state, const Recipe& recipe, bool keepsSeries) {
    using Clock = std::chrono::steady_clock;
    RunLimits limits;
    limits.keepsSeries = keepsSeries;
    Run run(recipe, limits);
    run.advance();
    Tensor batch;
    for (auto _ : state) {
        const auto start = Clock::now();
        run.stream().read(run.head(), batch);
        const auto middle = Clock::now();
        benchmark::DoNotOptimize(run.advance());
        state.SetIterationTime(std::chrono::duration<double>((Clock::now() - middle) - (middle - start)).count());
    }
    state.SetItemsProcessed(state.iterations() * batch.size());
}

Recipe recipeFor(const Dims& shape) {
    Recipe recipe = defaultRecipe();
    recipe.events.clear();
    recipe.lanes = {LaneSpec{}};
    recipe.data = {};
    recipe.data.sources = {generator(GeneratorSpec::Kind::Normal, shape)};
    return recipe;
}

template <class Body>
void add(const std::string& name, Body body) {
    benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime();  // TBB's threads do the work: CPU time misses it
}

void registerAll() {
    const Dims square{1024, 1024};
    bench::registerLayer();
    bench::registerLimits();
    bench::registerOneDnn();
    add("health/float32/" + bench::shapeLabel(square),
        [=](benchmark::State& state) { health(state, square, DType::Float32); });
    for (const auto kind : {GeneratorSpec::Kind::Normal, GeneratorSpec::Kind::Uniform, GeneratorSpec::Kind::StudentT})
        for (const Dims& shape : {Dims{32, 64}, square})
            add("generate/" + std::string(kindName(kind)) + "/float32/" + bench::shapeLabel(shape),
                [=](benchmark::State& state) { generate(state, generator(kind, shape), DType::Float32); });
    add("step/default", [](benchmark::State& state) { step(state, defaultRecipe()); });
    for (const Dims& shape : {Dims{256, 1024}, square}) {
        add("step/" + bench::shapeLabel(shape), [=](benchmark::State& state) { step(state, recipeFor(shape)); });
        for (const bool keepsSeries : {true, false}) {
            const std::string name = keepsSeries ? "step_without_batch/" : "step_without_batch_and_series/";
            benchmark::RegisterBenchmark((name + bench::shapeLabel(shape)).c_str(), [=](benchmark::State& state) {
                stepWithoutBatch(state, recipeFor(shape), keepsSeries);
            })->UseManualTime();
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    registerAll();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    bench::RatioTable table;
    benchmark::RunSpecifiedBenchmarks(&table);
    benchmark::Shutdown();
}
