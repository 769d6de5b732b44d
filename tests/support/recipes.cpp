// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/recipes.h"

#include <cmath>
#include <limits>

namespace bnstudio::test {

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

DataSpec dataWithEverything() {
    GeneratorSpec generator = normal(16, 4, 2.5, 0.1);
    generator.kind = GeneratorSpec::Kind::Mixture;
    generator.l = 5;
    generator.mean = {1, 2, 3, 4};
    generator.spread = 0.25;
    generator.correlation = 0.5;
    generator.drift = {0.1, 0, 0, -0.1};
    generator.outliers = 0.01;
    generator.nan = 0.001;
    generator.df = 3;
    generator.mean2 = {-3};
    generator.std2 = {0.5};
    generator.weight2 = 0.25;
    generator.seed = 0xFFFFFFFFFFFFFFFFULL;

    std::vector<double> many(100);
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = std::sqrt(static_cast<double>(i)) - 5;
    many[7] = inf;
    many[8] = -0.0;

    DataSpec data;
    data.sources = {generator, FileSpec{"batches.npz", "x", 1234, 1700000000, "00ff00ff00ff00ff"},
                    pasted({25, 4}, many), pasted({2, 1, 2}, {-inf, 1e-320, 0.1, 1e308})};
    data.gradients = {normal(16, 4), FileSpec{"gradients.npz", "", 0, 0, ""}, pasted({25, 4}, many),
                      pasted({2, 1, 2}, {1, 2, 3, 4})};
    data.batchSize = 10;
    data.dropLast = true;
    data.shuffleSeed = 0x8000000000000000ULL;
    data.schedule.order = Schedule::Order::Explicit;
    data.schedule.repeat = 2;
    data.schedule.steps = {{0, 0}, {2, 1}, {3, 0}};
    data.schedule.pinnedRows = {0, 3};
    return data;
}

std::vector<LaneSpec> lanesWithEverything() {
    std::vector<LaneSpec> lanes(5);
    lanes[0].name = "A \"quoted\" γ";
    lanes[0].layer = {4, 1e-12, std::nullopt, false, false, DType::Float64};
    lanes[0].initialState = LayerState{ChannelVector{1, 2, 3, inf}, std::nullopt, ChannelVector(100, 0.5),
                                       ChannelVector{-1, 0, 1e-300, 2}, -7};
    lanes[0].trainMode = false;
    lanes[0].training.passes = {true, true};
    lanes[0].training.upstream = {UpstreamSpec::Kind::Random, 99};
    lanes[0].training.loss = {LossSpec::Kind::MseTeacher, {1}, {1.5, 2, 2.5, 3}, {0.25}};
    lanes[0].training.optimizer = {OptimizerSpec::Kind::Adam, 0.001, 0, 0.01, false, 0.8, 0.99, 1e-6};
    lanes[1].layer.momentum = inf;
    lanes[1].feed = {Feed::Kind::Rows, 2, 9, 0, "NCL", 0};
    lanes[2].feed = {Feed::Kind::Groups, 0, 0, 4, "NCL", 0};
    lanes[2].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.5, 0.9, 0.1, true, 0.9, 0.999, 1e-8};
    lanes[2].training.loss.kind = LossSpec::Kind::Sum;
    lanes[3].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "NLC", 0};
    lanes[3].training.upstream.kind = UpstreamSpec::Kind::Source;
    lanes[4].feed = {Feed::Kind::LaneOutput, 0, 0, 0, "NCL", 1};
    return lanes;
}

}  // namespace

Recipe recipeWithEverything() {
    Recipe recipe;
    recipe.name = "Everything\nat once";
    recipe.data = dataWithEverything();
    recipe.lanes = lanesWithEverything();
    const std::vector<Action> actions{SetMomentum{std::nullopt},
                                      SetMomentum{-inf},
                                      SetEps{0},
                                      SetTrackRunningStats{false},
                                      SetAffine{true},
                                      SetWeight{-1, 0.5},
                                      SetBias{3, -inf},
                                      RemoveBuffers{true, false},
                                      ResetRunningStats{},
                                      ResetParameters{},
                                      LoadState{*recipe.lanes[0].initialState},
                                      SetMode{false},
                                      SetPasses{{true, false}},
                                      SetLoss{{LossSpec::Kind::MseTarget, {1, 2, 3, 4}, {1}, {0}}},
                                      SetUpstream{{UpstreamSpec::Kind::Ones, 3}},
                                      SetOptimizer{{OptimizerSpec::Kind::Sgd, 1, 0, 0, false, 0.9, 0.999, 1e-8}},
                                      EditCell{1, 2, 3, inf},
                                      PadBatch{5, -0.0},
                                      ScaleBatch{1e6},
                                      SkipBatch{}};
    for (std::size_t i = 0; i < actions.size(); ++i)
        recipe.events.push_back({static_cast<std::int64_t>(i / 2), static_cast<int>(i % 3) - 1, actions[i]});
    recipe.marks = {{-1, "before \"everything\""}, {4, "γ off"}, {1000000, "far"}};
    return recipe;
}

}  // namespace bnstudio::test
