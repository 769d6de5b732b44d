// SPDX-License-Identifier: GPL-3.0-or-later
#include "layer_bench.h"

#include "core/data/generator.h"
#include "core/norm/batch_norm.h"
#include "core/norm/kernels/kernel_table.h"

#include <benchmark/benchmark.h>

#include <optional>

namespace bnstudio::bench {

std::string shapeLabel(const Dims& shape) {
    std::string text;
    for (const std::int64_t dim : shape)
        text += (text.empty() ? "" : "x") + std::to_string(dim);
    return text;
}

Tensor normalBatch(const Dims& shape, DType dtype, std::int64_t k) {
    GeneratorSpec spec;
    spec.kind = GeneratorSpec::Kind::Normal;
    spec.n = shape[0];
    spec.c = shape[1];
    spec.l = shape.size() > 2 ? shape[2] : 0;
    Tensor batch;
    generateBatch(spec, k, dtype, batch);
    return batch;
}

const std::vector<Dims>& layerShapes() {
    static const std::vector<Dims> shapes{{20, 100},    {32, 64},      {256, 1024},     {1024, 1024},    {4096, 1024},
                                          {65536, 256}, {1000000, 16}, {64, 256, 1024}, {1024, 64, 128}, {8, 4096, 49}};
    return shapes;
}

namespace {

BatchNorm1d layerFor(const Dims& shape, DType dtype) {
    LayerOptions options;
    options.numFeatures = shape[1];
    options.dtype = dtype;
    return BatchNorm1d(options);
}

// Items are elements of the batch. Outputs exist before the clock starts: what is measured is the work of every step but
// the first.
void forward(benchmark::State& state, const Dims& shape, DType dtype, bool train, const KernelTable* path = nullptr) {
    std::optional<ForcedKernels> forced;
    if (path)
        forced.emplace(*path);
    const Tensor x = normalBatch(shape, dtype, 0);
    BatchNorm1d layer = layerFor(shape, dtype);
    layer.setTraining(train);
    Tensor y;
    ForwardRecord record;
    layer.forward(x, &y, nullptr, record);
    for (auto _ : state) {
        layer.forward(x, &y, nullptr, record);
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * x.size());
}

void backward(benchmark::State& state, const Dims& shape, DType dtype) {
    const Tensor x = normalBatch(shape, dtype, 0), dy = normalBatch(shape, dtype, 1);
    BatchNorm1d layer = layerFor(shape, dtype);
    const ForwardRecord record = layer.forward(x);
    Tensor gradInput;
    layer.backward(x, dy, record, &gradInput);
    for (auto _ : state)
        benchmark::DoNotOptimize(layer.backward(x, dy, record, &gradInput));
    state.SetItemsProcessed(state.iterations() * x.size());
}

template <class Body>
void add(const std::string& name, const Dims& shape, DType dtype, Body body) {
    const std::string full = name + "/" + std::string(bnstudio::name(dtype)) + "/" + shapeLabel(shape);
    benchmark::RegisterBenchmark(full.c_str(), body)->UseRealTime();  // other threads' time counts too
}

}  // namespace

void registerLayer() {
    for (const Dims& shape : layerShapes())
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            add("forward_train", shape, dtype, [=](benchmark::State& state) { forward(state, shape, dtype, true); });
            add("forward_eval", shape, dtype, [=](benchmark::State& state) { forward(state, shape, dtype, false); });
            add("backward", shape, dtype, [=](benchmark::State& state) { backward(state, shape, dtype); });
        }
    for (const KernelTable* path : availableKernels())
        for (const Dims& shape : {Dims{20, 100}, Dims{4096, 1024}})
            add("forward_train_" + std::string(path->name), shape, DType::Float32,
                [=](benchmark::State& state) { forward(state, shape, DType::Float32, true, path); });
}

}  // namespace bnstudio::bench
