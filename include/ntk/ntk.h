// Everything libntk offers.
#pragma once

#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/error.h"
#include "ntk/function.h"
#include "ntk/gram.h"
#include "ntk/io.h"
#include "ntk/model.h"
#include "ntk/predict.h"
#include "ntk/progress.h"
#include "ntk/solve.h"
