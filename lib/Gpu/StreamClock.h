//===- StreamClock.h - The time of work on a GPU ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_STREAMCLOCK_H
#define LRC_LIB_GPU_STREAMCLOCK_H

#include "lib/Gpu/CudaDriver.h"

#include <vector>

namespace lrc {

/// Marks among the work of a stream, and the time between them by the clock of
/// the GPU.
class StreamClock {
public:
  StreamClock(CudaDevice &device, CudaStream stream)
      : device(device), stream(stream) {}
  StreamClock(const StreamClock &) = delete;
  ~StreamClock() {
    for (CudaEvent event : events)
      device.destroyEvent(event);
  }

  /// Sets a mark behind the work so far. The next free number is that of a new
  /// mark; a mark that is set again moves.
  llvm::Error mark(size_t number) {
    if (number == events.size()) {
      llvm::Expected<CudaEvent> event = device.createEvent();
      if (!event)
        return event.takeError();
      events.push_back(*event);
    }
    return device.recordEvent(events[number], stream);
  }

  /// Waits for the second mark.
  llvm::Expected<double> secondsBetween(size_t from, size_t to) const {
    return device.awaitSeconds(events[from], events[to]);
  }

private:
  CudaDevice &device;
  CudaStream stream;
  std::vector<CudaEvent> events;
};

} // namespace lrc

#endif // LRC_LIB_GPU_STREAMCLOCK_H
