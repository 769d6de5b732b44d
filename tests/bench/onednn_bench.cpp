// SPDX-License-Identifier: GPL-3.0-or-later
#include "layer_bench.h"

#if defined(BNSTUDIO_ONEDNN)
#include <benchmark/benchmark.h>

#include <dnnl.hpp>

#include <memory>

namespace bnstudio::bench {

namespace {

/// A batch normalisation of oneDNN with scale and shift, float32: (N, C) as nhwc, (N, C, L) as nchw.
class Peer {
public:
    explicit Peer(const Dims& shape) : m_engine(dnnl::engine::kind::cpu, 0), m_stream(m_engine) {
        const dnnl::memory::dims dims{shape[0], shape[1], 1, shape.size() > 2 ? shape[2] : 1};
        const auto tag = shape.size() > 2 ? dnnl::memory::format_tag::nchw : dnnl::memory::format_tag::nhwc;
        m_data = dnnl::memory::desc(dims, dnnl::memory::data_type::f32, tag);
        const dnnl::memory::desc channels({shape[1]}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::x);
        for (dnnl::memory* memory : {&m_y, &m_gradX})
            *memory = dnnl::memory(m_data, m_engine);
        const dnnl::memory::desc both({2, shape[1]}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::nc);
        for (dnnl::memory* memory : {&m_mean, &m_var})
            *memory = dnnl::memory(channels, m_engine);
        for (dnnl::memory* memory : {&m_scaleShift, &m_gradScaleShift})
            *memory = dnnl::memory(both, m_engine);
        m_xValues = normalBatch(shape, DType::Float32, 0);
        m_dyValues = normalBatch(shape, DType::Float32, 1);
        m_x = dnnl::memory(m_data, m_engine, m_xValues.bytes());
        m_dy = dnnl::memory(m_data, m_engine, m_dyValues.bytes());
        for (std::int64_t c = 0; c < shape[1]; ++c) {
            static_cast<float*>(m_scaleShift.get_data_handle())[c] = 1;
            static_cast<float*>(m_scaleShift.get_data_handle())[shape[1] + c] = 0;
            static_cast<float*>(m_mean.get_data_handle())[c] = 0;
            static_cast<float*>(m_var.get_data_handle())[c] = 1;
        }
    }

    void prepareForward(bool train) {
        const auto flags = dnnl::normalization_flags::use_scale_shift;
        const auto given = train ? flags : flags | dnnl::normalization_flags::use_global_stats;
        const dnnl::batch_normalization_forward::desc description(
            train ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference, m_data, 1e-5f, given);
        m_forwardDescription = dnnl::batch_normalization_forward::primitive_desc(description, m_engine);
        m_primitive = dnnl::batch_normalization_forward(m_forwardDescription);
        m_arguments = {{DNNL_ARG_SRC, m_x},
                       {DNNL_ARG_DST, m_y},
                       {DNNL_ARG_MEAN, m_mean},
                       {DNNL_ARG_VARIANCE, m_var},
                       {DNNL_ARG_SCALE_SHIFT, m_scaleShift}};
    }
    void prepareBackward() {
        prepareForward(true);
        run();
        const auto flags = dnnl::normalization_flags::use_scale_shift;
        const dnnl::batch_normalization_backward::desc description(dnnl::prop_kind::backward, m_data, m_data, 1e-5f,
                                                                   flags);
        m_primitive = dnnl::batch_normalization_backward(
            dnnl::batch_normalization_backward::primitive_desc(description, m_engine, m_forwardDescription));
        m_arguments = {{DNNL_ARG_SRC, m_x},
                       {DNNL_ARG_MEAN, m_mean},
                       {DNNL_ARG_VARIANCE, m_var},
                       {DNNL_ARG_DIFF_DST, m_dy},
                       {DNNL_ARG_SCALE_SHIFT, m_scaleShift},
                       {DNNL_ARG_DIFF_SRC, m_gradX},
                       {DNNL_ARG_DIFF_SCALE_SHIFT, m_gradScaleShift}};
    }
    void run() {
        m_primitive.execute(m_stream, m_arguments);
        m_stream.wait();
    }
    std::int64_t size() const { return m_xValues.size(); }

private:
    dnnl::engine m_engine;
    dnnl::stream m_stream;
    Tensor m_xValues, m_dyValues;
    dnnl::memory::desc m_data;
    dnnl::memory m_x, m_dy, m_y, m_gradX, m_mean, m_var, m_scaleShift, m_gradScaleShift;
    dnnl::batch_normalization_forward::primitive_desc m_forwardDescription;
    dnnl::primitive m_primitive;
    std::unordered_map<int, dnnl::memory> m_arguments;
};

void add(const std::string& pass, const Dims& shape, void (*prepare)(Peer&)) {
    benchmark::RegisterBenchmark(("onednn_" + pass + "/float32/" + shapeLabel(shape)).c_str(),
                                 [=](benchmark::State& state) {
                                     Peer peer(shape);
                                     prepare(peer);
                                     peer.run();
                                     for (auto _ : state)
                                         peer.run();
                                     state.SetItemsProcessed(state.iterations() * peer.size());
                                 })
        ->UseRealTime();
}

}  // namespace

void registerOneDnn() {
    for (const Dims& shape : layerShapes()) {
        add("train", shape, [](Peer& peer) { peer.prepareForward(true); });
        add("eval", shape, [](Peer& peer) { peer.prepareForward(false); });
        add("backward", shape, [](Peer& peer) { peer.prepareBackward(); });
    }
}

}  // namespace bnstudio::bench

#else

namespace bnstudio::bench {
void registerOneDnn() {}
}  // namespace bnstudio::bench

#endif
