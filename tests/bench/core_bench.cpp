// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"
#include "core/norm/batch_norm.h"
#include "core/run/run.h"

#include <benchmark/benchmark.h>

#include <string>

using namespace bnstudio;

namespace {

std::string label(const Dims& shape) {
    std::string text;
    for (const std::int64_t dim : shape)
        text += (text.empty() ? "" : "x") + std::to_string(dim);
    return text;
}

GeneratorSpec generator(GeneratorSpec::Kind kind, const Dims& shape) {
    GeneratorSpec spec;
    spec.kind = kind;
    spec.n = shape[0];
    spec.c = shape[1];
    spec.l = shape.size() > 2 ? shape[2] : 0;
    return spec;
}

Tensor normalBatch(const Dims& shape, DType dtype, std::int64_t k) {
    Tensor batch;
    generateBatch(generator(GeneratorSpec::Kind::Normal, shape), k, dtype, batch);
    return batch;
}

BatchNorm1d layer(const Dims& shape, DType dtype) {
    LayerOptions options;
    options.numFeatures = shape[1];
    options.dtype = dtype;
    return BatchNorm1d(options);
}

// Items are elements of the batch. Outputs exist before the clock starts: what is measured is the work of every step but
// the first.
void countElements(benchmark::State& state, const Tensor& batch) {
    state.SetItemsProcessed(state.iterations() * batch.size());
}

void forward(benchmark::State& state, const Dims& shape, DType dtype, bool train) {
    const Tensor x = normalBatch(shape, dtype, 0);
    BatchNorm1d bn = layer(shape, dtype);
    bn.setTraining(train);
    Tensor y;
    bn.forward(x, &y);
    for (auto _ : state)
        benchmark::DoNotOptimize(bn.forward(x, &y));
    countElements(state, x);
}

void backward(benchmark::State& state, const Dims& shape, DType dtype) {
    const Tensor x = normalBatch(shape, dtype, 0), dy = normalBatch(shape, dtype, 1);
    BatchNorm1d bn = layer(shape, dtype);
    const ForwardRecord record = bn.forward(x);
    Tensor gradInput;
    bn.backward(x, dy, record, &gradInput);
    for (auto _ : state)
        benchmark::DoNotOptimize(bn.backward(x, dy, record, &gradInput));
    countElements(state, x);
}

// Two passes over the batch that a step makes besides the forward.
void health(benchmark::State& state, const Dims& shape, DType dtype) {
    const Tensor x = normalBatch(shape, dtype, 0);
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

void addLayer(const Dims& shape, DType dtype) {
    const std::string suffix = "/" + std::string(name(dtype)) + "/" + label(shape);
    add("forward_train" + suffix, [=](benchmark::State& state) { forward(state, shape, dtype, true); });
    add("forward_eval" + suffix, [=](benchmark::State& state) { forward(state, shape, dtype, false); });
    add("backward" + suffix, [=](benchmark::State& state) { backward(state, shape, dtype); });
}

void registerAll() {
    const Dims square{1024, 1024};
    for (const Dims& shape : {Dims{32, 64}, Dims{256, 1024}, square, Dims{4096, 1024}, Dims{64, 256, 1024}})
        addLayer(shape, DType::Float32);
    addLayer(square, DType::Float64);
    add("health/float32/" + label(square), [=](benchmark::State& state) { health(state, square, DType::Float32); });
    for (const auto kind : {GeneratorSpec::Kind::Normal, GeneratorSpec::Kind::Uniform, GeneratorSpec::Kind::StudentT})
        for (const Dims& shape : {Dims{32, 64}, square})
            add("generate/" + std::string(kindName(kind)) + "/float32/" + label(shape),
                [=](benchmark::State& state) { generate(state, generator(kind, shape), DType::Float32); });
    add("step/default", [](benchmark::State& state) { step(state, defaultRecipe()); });
    for (const Dims& shape : {Dims{256, 1024}, square})
        add("step/" + label(shape), [=](benchmark::State& state) { step(state, recipeFor(shape)); });
}

}  // namespace

int main(int argc, char** argv) {
    registerAll();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
