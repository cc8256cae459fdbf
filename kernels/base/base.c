/* The headers of kernels/base stand alone; this proves it at every build. */
#include "kernels/base/arena.h"
#include "kernels/base/clones.h"
#include "kernels/base/mathf.h"
#include "kernels/base/rng.h"
#include "kernels/base/status.h"
