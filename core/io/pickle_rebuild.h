// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/pickle_objects.h"

namespace bnstudio {

/// What calling a global with a tuple of arguments would give: a container, a tensor, or an opaque object that carries
/// the global's name. Throws PickleFault when the arguments of a known global make no sense.
PickleId rebuild(PickleObjects& objects, PickleId global, PickleId arguments);

/// What a persistent id stands for: a storage, or in old files the class of a module, which comes with its source code.
/// Throws PickleFault.
PickleId persistentObject(PickleObjects& objects, PickleId persistentId);

}  // namespace bnstudio
