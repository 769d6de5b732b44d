// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/state_file.h"
