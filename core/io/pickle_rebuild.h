// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/pickle_objects.h"

namespace bnstudio {

/// What calling a global with a tuple of arguments would give: a container, a tensor, or an opaque object that carries
/// the global's name. Throws PickleFault when the arguments of a known global make no sense.
PickleId rebuild(PickleObjects& objects, PickleId global, PickleId arguments);

/// The storage that a persistent id stands for. Throws PickleFault.
PickleId storageOf(PickleObjects& objects, PickleId persistentId);

}  // namespace bnstudio
