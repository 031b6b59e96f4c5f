/* libdrover: run native code in parallel. This header includes all others. */
#ifndef DROVER_H
#define DROVER_H

#include <drover/background.h>
#include <drover/call.h>
#include <drover/channel.h>
#include <drover/collect.h>
#include <drover/error.h>
#include <drover/exchange.h>
#include <drover/outcome.h>
#include <drover/plugin.h>
#include <drover/value.h>

#endif
