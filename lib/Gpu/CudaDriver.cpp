//===- CudaDriver.cpp - The CUDA driver, opened at run time ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/CudaDriver.h"

#include <dlfcn.h>
#include <mutex>

using namespace lrc;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// The entry points that are used. Results are 0 for success.
struct CudaDevice::Api {
  int (*init)(unsigned);
  int (*deviceGet)(int *, int);
  int (*deviceGetName)(char *, int, int);
  int (*deviceGetAttribute)(int *, int, int);
  int (*retainContext)(void **, int);
  int (*setContext)(void *);
  int (*getErrorString)(int, const char **);
  int (*loadModule)(CudaModule *, const void *);
  int (*unloadModule)(CudaModule);
  int (*getFunction)(CudaFunction *, CudaModule, const char *);
  int (*setFunctionAttribute)(CudaFunction, int, int);
  int (*launchKernel)(CudaFunction, unsigned, unsigned, unsigned, unsigned,
                      unsigned, unsigned, unsigned, CudaStream, void **,
                      void **);
  int (*allocate)(DevicePointer *, size_t, CudaStream);
  int (*release)(DevicePointer, CudaStream);
  int (*copyIn)(DevicePointer, const void *, size_t, CudaStream);
  int (*copyOut)(void *, DevicePointer, size_t, CudaStream);
  int (*copyOnDevice)(DevicePointer, DevicePointer, size_t, CudaStream);
  int (*synchronize)(CudaStream);
  int (*createEvent)(CudaEvent *, unsigned);
  int (*destroyEvent)(CudaEvent);
  int (*recordEvent)(CudaEvent, CudaStream);
  int (*awaitEvent)(CudaEvent);
  int (*elapsedTime)(float *, CudaEvent, CudaEvent);

  Error load(void *library);
};

Error CudaDevice::Api::load(void *library) {
  std::string missing;
  auto find = [&](auto &entry, const char *name) {
    void *address = dlsym(library, name);
    if (!address)
      missing = name;
    entry = reinterpret_cast<std::remove_reference_t<decltype(entry)>>(address);
  };
  find(init, "cuInit");
  find(deviceGet, "cuDeviceGet");
  find(deviceGetName, "cuDeviceGetName");
  find(deviceGetAttribute, "cuDeviceGetAttribute");
  find(retainContext, "cuDevicePrimaryCtxRetain");
  find(setContext, "cuCtxSetCurrent");
  find(getErrorString, "cuGetErrorString");
  find(loadModule, "cuModuleLoadData");
  find(unloadModule, "cuModuleUnload");
  find(getFunction, "cuModuleGetFunction");
  find(setFunctionAttribute, "cuFuncSetAttribute");
  find(launchKernel, "cuLaunchKernel");
  find(allocate, "cuMemAllocAsync");
  find(release, "cuMemFreeAsync");
  find(copyIn, "cuMemcpyHtoDAsync_v2");
  find(copyOut, "cuMemcpyDtoHAsync_v2");
  find(copyOnDevice, "cuMemcpyDtoDAsync_v2");
  find(synchronize, "cuStreamSynchronize");
  find(createEvent, "cuEventCreate");
  find(destroyEvent, "cuEventDestroy_v2");
  find(recordEvent, "cuEventRecord");
  find(awaitEvent, "cuEventSynchronize");
  // The second version came with CUDA 12.8; the first stays.
  find(elapsedTime, "cuEventElapsedTime");
  if (missing.empty())
    return Error::success();
  return llvm::createStringError("libcuda.so.1 has no " + missing +
                                 ": expected a driver of CUDA 11.4 or later");
}

Error CudaDevice::check(int result, StringRef call) const {
  if (result == 0)
    return Error::success();
  const char *text = nullptr;
  api->getErrorString(result, &text);
  return llvm::createStringError("CUDA: " + call + ": " +
                                 (text ? text : "unknown error"));
}

Error CudaDevice::open() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!library)
    return llvm::createStringError(
        "no NVIDIA driver was found (libcuda.so.1); kernels for a GPU can be "
        "compiled here, with a target such as sm_90a, but not run");
  api = std::make_shared<Api>();
  if (Error error = api->load(library))
    return error;
  if (Error error = check(api->init(0), "initialising"))
    return error;
  int device = 0;
  if (Error error = check(api->deviceGet(&device, 0), "finding a GPU"))
    return error;
  char text[256] = "";
  if (Error error =
          check(api->deviceGetName(text, sizeof(text), device), "the GPU"))
    return error;
  name = text;
  auto attribute = [&](int which) {
    int value = 0;
    api->deviceGetAttribute(&value, which, device);
    return value;
  };
  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
  capability = 10 * attribute(75) + attribute(76);
  // CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE
  secondCacheBytes = attribute(38);
  return check(api->retainContext(&context, device), "making a context");
}

Expected<CudaDevice *> CudaDevice::get() {
  static std::mutex mutex;
  static std::unique_ptr<CudaDevice> device;
  std::lock_guard<std::mutex> lock(mutex);
  if (!device) {
    std::unique_ptr<CudaDevice> opened(new CudaDevice);
    if (Error error = opened->open())
      return std::move(error);
    device = std::move(opened);
  }
  if (Error error = device->enter())
    return std::move(error);
  return device.get();
}

/// Contexts are a thread's.
Error CudaDevice::enter() const {
  return check(api->setContext(context), "entering the context");
}

Expected<CudaModule> CudaDevice::load(StringRef image) const {
  CudaModule module = nullptr;
  // PTX must end in a zero.
  std::string text = image.str();
  if (Error error =
          check(api->loadModule(&module, text.c_str()), "loading a kernel"))
    return std::move(error);
  return module;
}

void CudaDevice::unload(CudaModule module) const { api->unloadModule(module); }

Expected<CudaFunction> CudaDevice::find(CudaModule module,
                                        StringRef name) const {
  CudaFunction function = nullptr;
  if (Error error =
          check(api->getFunction(&function, module, name.str().c_str()),
                "finding a kernel"))
    return std::move(error);
  return function;
}

Error CudaDevice::setSharedBytes(CudaFunction function, int64_t bytes) const {
  // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
  return check(api->setFunctionAttribute(function, 8, int(bytes)),
               "shared memory");
}

Error CudaDevice::launch(CudaFunction function, int64_t blocks, int64_t threads,
                         int64_t sharedBytes, CudaStream stream,
                         void **parameters) const {
  return check(api->launchKernel(function, unsigned(blocks), 1, 1,
                                 unsigned(threads), 1, 1, unsigned(sharedBytes),
                                 stream, parameters, nullptr),
               "launching a kernel");
}

Expected<DevicePointer> CudaDevice::allocate(int64_t bytes,
                                             CudaStream stream) const {
  DevicePointer pointer = 0;
  if (Error error = check(
          api->allocate(&pointer, size_t(std::max<int64_t>(bytes, 1)), stream),
          "memory"))
    return std::move(error);
  return pointer;
}

Error CudaDevice::release(DevicePointer pointer, CudaStream stream) const {
  return check(api->release(pointer, stream), "releasing memory");
}

Error CudaDevice::copyIn(DevicePointer to, const void *from, int64_t bytes,
                         CudaStream stream) const {
  return check(api->copyIn(to, from, size_t(bytes), stream),
               "copying to the GPU");
}

Error CudaDevice::copyOut(void *to, DevicePointer from, int64_t bytes,
                          CudaStream stream) const {
  return check(api->copyOut(to, from, size_t(bytes), stream),
               "copying from the GPU");
}

Error CudaDevice::copyOnDevice(DevicePointer to, DevicePointer from,
                               int64_t bytes, CudaStream stream) const {
  return check(api->copyOnDevice(to, from, size_t(bytes), stream),
               "copying on the GPU");
}

Error CudaDevice::synchronize(CudaStream stream) const {
  return check(api->synchronize(stream), "running");
}

Expected<CudaEvent> CudaDevice::createEvent() const {
  CudaEvent event = nullptr;
  // CU_EVENT_DEFAULT: with the time.
  if (Error error = check(api->createEvent(&event, 0), "making an event"))
    return std::move(error);
  return event;
}

void CudaDevice::destroyEvent(CudaEvent event) const {
  api->destroyEvent(event);
}

Error CudaDevice::recordEvent(CudaEvent event, CudaStream stream) const {
  return check(api->recordEvent(event, stream), "recording an event");
}

Expected<double> CudaDevice::awaitSeconds(CudaEvent from, CudaEvent to) const {
  if (Error error = check(api->awaitEvent(to), "running"))
    return std::move(error);
  float milliseconds = 0;
  if (Error error =
          check(api->elapsedTime(&milliseconds, from, to), "reading the time"))
    return std::move(error);
  return double(milliseconds) / 1e3;
}
