/// \file
/// Everything libntk offers.
#pragma once

/// Exact kernels of infinitely wide neural networks, and the predictions that follow from them.
///
/// Arrays go in as views and come out as values or in the caller's memory; errors are exceptions
/// (ntk/error.h). Which calls may run concurrently: free functions all of them; of an object the
/// const ones, where its class says so; other calls of one object need a lock of the caller's. What
/// a call reads must not change while it runs. Callbacks are called from the threads of their call.
namespace ntk {}

#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/error.h"
#include "ntk/function.h"
#include "ntk/gram.h"
#include "ntk/io.h"
#include "ntk/layers.h"
#include "ntk/model.h"
#include "ntk/predict.h"
#include "ntk/progress.h"
#include "ntk/solve.h"
