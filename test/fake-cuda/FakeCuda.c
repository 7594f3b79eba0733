/*===- FakeCuda.c - A CUDA driver without a GPU
-------------------------------*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What lib/Gpu/CudaDriver.cpp calls of libcuda.so.1. Memory is the host's, a *|
|* launch does nothing but take its time, and so does a copy on the device.   *|
|* Every launch is a line of the file $FAKE_CUDA_LOG, which ends with what    *|
|* was not released. $FAKE_CUDA_BYTES is the size of the memory.              *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "lrc-c/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC visibility push(default)

enum { success = 0, outOfMemory = 2, notFound = 500 };

/* Of the GPU's clock. */
static const double launchMilliseconds = 0.3125, copyMilliseconds = 0.5;
static double now;

static size_t usedBytes;
static int allocations, events, modules;

/* The size of an allocation stands in front of it. */
enum { headBytes = 512 };

static FILE *openLog(void) {
  const char *path = getenv("FAKE_CUDA_LOG");
  return path ? fopen(path, "a") : NULL;
}

__attribute__((destructor)) static void logWhatIsLeft(void) {
  FILE *log = openLog();
  if (!log)
    return;
  fprintf(log, "left: %d allocations, %d events, %d modules\n", allocations,
          events, modules);
  fclose(log);
}

int cuInit(unsigned flags) {
  (void)flags;
  return success;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return success;
}

int cuDeviceGetName(char *name, int length, int device) {
  (void)device;
  snprintf(name, (size_t)length, "a fake GPU");
  return success;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  enum { secondCacheBytes = 38, major = 75, minor = 76 };
  (void)device;
  *value = attribute == secondCacheBytes ? 1 << 16
           : attribute == major          ? 9
           : attribute == minor          ? 0
                                         : 1;
  return success;
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
  (void)device;
  *context = &now;
  return success;
}

int cuCtxSetCurrent(void *context) { return context == &now ? success : 1; }

int cuGetErrorString(int error, const char **text) {
  *text = error == outOfMemory ? "out of memory" : "no such thing";
  return success;
}

int cuModuleLoadData(void **module, const void *image) {
  *module = (void *)(uintptr_t)image;
  ++modules;
  return success;
}

int cuModuleUnload(void *module) {
  (void)module;
  --modules;
  return success;
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
  *function = module;
  return *name ? success : notFound;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  (void)function, (void)attribute, (void)value;
  return success;
}

/* Numbers addresses in the order in which they are first seen. */
static int number(const void *address) {
  static const void *seen[64];
  int index = 0;
  while (index < 63 && seen[index] && seen[index] != address)
    ++index;
  seen[index] = address;
  return index;
}

int cuLaunchKernel(void *function, unsigned blocksX, unsigned blocksY,
                   unsigned blocksZ, unsigned threadsX, unsigned threadsY,
                   unsigned threadsZ, unsigned sharedBytes, void *stream,
                   void **parameters, void **extra) {
  (void)function, (void)blocksY, (void)blocksZ, (void)threadsY, (void)threadsZ;
  (void)sharedBytes, (void)stream, (void)extra;
  /* The tensors lie behind the call; the first is an input, where there is one.
   */
  const lrc_call *call = (const lrc_call *)parameters[0];
  const lrc_tensor *first = (const lrc_tensor *)(call + 1);
  FILE *log = openLog();
  if (log) {
    unsigned bits;
    memcpy(&bits, first->data, sizeof(bits));
    fprintf(log,
            "launch: %u blocks, %u threads, tensors %d, which begin %08x\n",
            blocksX, threadsX, number(first->data), bits);
    fclose(log);
  }
  now += launchMilliseconds;
  return success;
}

int cuMemAllocAsync(uint64_t *pointer, size_t bytes, void *stream) {
  const char *limit = getenv("FAKE_CUDA_BYTES");
  (void)stream;
  if (limit && usedBytes + bytes > strtoull(limit, NULL, 10))
    return outOfMemory;
  /* Aligned as the driver's; untouched pages take no memory. */
  char *memory = (char *)aligned_alloc(
      headBytes, (headBytes + bytes + headBytes - 1) / headBytes * headBytes);
  if (!memory)
    return outOfMemory;
  memcpy(memory, &bytes, sizeof(bytes));
  *pointer = (uint64_t)(uintptr_t)(memory + headBytes);
  usedBytes += bytes;
  ++allocations;
  return success;
}

int cuMemFreeAsync(uint64_t pointer, void *stream) {
  char *memory = (char *)(uintptr_t)pointer - headBytes;
  size_t bytes;
  (void)stream;
  memcpy(&bytes, memory, sizeof(bytes));
  usedBytes -= bytes;
  --allocations;
  free(memory);
  return success;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes,
                         void *stream) {
  (void)stream;
  memcpy((void *)(uintptr_t)to, from, bytes);
  return success;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  (void)stream;
  memcpy(to, (const void *)(uintptr_t)from, bytes);
  return success;
}

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes,
                         void *stream) {
  (void)to, (void)from, (void)bytes, (void)stream;
  now += copyMilliseconds;
  return success;
}

int cuStreamSynchronize(void *stream) {
  (void)stream;
  return success;
}

int cuEventCreate(void **event, unsigned flags) {
  (void)flags;
  *event = calloc(1, sizeof(double));
  ++events;
  return *event ? success : outOfMemory;
}

int cuEventDestroy_v2(void *event) {
  free(event);
  --events;
  return success;
}

int cuEventRecord(void *event, void *stream) {
  (void)stream;
  *(double *)event = now;
  return success;
}

int cuEventSynchronize(void *event) {
  (void)event;
  return success;
}

int cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  *milliseconds = (float)(*(double *)to - *(double *)from);
  return success;
}
