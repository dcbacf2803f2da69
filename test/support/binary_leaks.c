/* SPDX-License-Identifier: Apache-2.0
 *
 * Part of the binary only where it is built for tests, under the address sanitizer.
 */
#include "support/cairo_leak.h"
