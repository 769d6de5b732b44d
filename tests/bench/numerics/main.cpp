// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"
#include "numerics/methods.h"

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

// Prints the tables of docs/numerics.md.

using namespace bnstudio;
using namespace bnstudio::numerics;

namespace {

Tensor normalBatch(DType dtype, std::int64_t n, double ratio) {
    GeneratorSpec spec;
    spec.n = n;
    spec.c = 1;
    spec.mean = {ratio};
    Tensor batch;
    generateBatch(spec, 0, dtype, batch);
    return batch;
}

/// "3e-08", or a word where there is no number to give.
std::string text(double error) {
    if (std::isnan(error))
        return "NaN";
    if (error == 0)
        return "0";
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.0e", error);
    return buffer;
}

std::string power(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "1e%.0f", std::log10(value));
    return value == 1 ? "1" : buffer;
}

void printRow(const std::vector<std::string>& cells) {
    for (const std::string& cell : cells)
        std::printf("| %s ", cell.c_str());
    std::printf("|\n");
}

void printTable(DType dtype, const std::vector<double>& ratios, const std::vector<std::int64_t>& sizes) {
    std::printf("\n**%s**\n\n", std::string(name(dtype)).c_str());
    printRow({"mean/std", "n", "var, ours", "var, two passes", "var, E[x²] − E[x]²", "y, ours", "y, two passes",
              "y, E[x²] − E[x]²"});
    printRow(std::vector<std::string>(8, "--:"));
    for (const double ratio : ratios)
        for (const std::int64_t n : sizes) {
            const Comparison c = compare(normalBatch(dtype, n, ratio));
            printRow({power(ratio), power(static_cast<double>(n)), text(c.ours.var), text(c.twoPass.var),
                      text(c.textbook.var), text(c.ours.y), text(c.twoPass.y), text(c.textbook.y)});
            std::fflush(stdout);
        }
}

}  // namespace

int main() {
    std::printf("var: relative error of the variance. y: error of the worst element, in standard deviations.\n");
    const std::vector<std::int64_t> sizes{100, 10000, 1000000};
    printTable(DType::Float32, {1, 1e2, 1e4, 1e6, 1e7}, sizes);
    printTable(DType::Float64, {1, 1e4, 1e8, 1e12}, sizes);
}
