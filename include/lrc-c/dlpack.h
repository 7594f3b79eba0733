/*!
 *  Copyright (c) 2017 by Contributors
 * \file dlpack.h
 * \brief The common header of DLPack.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not
 * use this file except in compliance with the License. You may obtain a copy of
 * the License at
 *
 *   http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
 * WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
 * License for the specific language governing permissions and limitations under
 * the License.
 *
 * lrc carries the part of DLPack 1.0 that describes tensors, with the upstream
 * names and layout (https://github.com/dmlc/dlpack). A program that includes
 * the upstream header first uses that one: both have the same include guard.
 */
#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_

/*! \brief The current major version of dlpack */
#define DLPACK_MAJOR_VERSION 1

/*! \brief The current minor version of dlpack */
#define DLPACK_MINOR_VERSION 0

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*! \brief The DLPack version. */
typedef struct {
  /*! \brief DLPack major version. */
  uint32_t major;
  /*! \brief DLPack minor version. */
  uint32_t minor;
} DLPackVersion;

/*! \brief The device type in DLDevice. */
#ifdef __cplusplus
typedef enum : int32_t {
#else
typedef enum {
#endif
  /*! \brief CPU device */
  kDLCPU = 1,
  /*! \brief CUDA GPU device */
  kDLCUDA = 2,
  /*! \brief Pinned CUDA CPU memory by cudaMallocHost */
  kDLCUDAHost = 3,
  /*! \brief OpenCL devices. */
  kDLOpenCL = 4,
  /*! \brief Vulkan buffer for next generation graphics. */
  kDLVulkan = 7,
  /*! \brief Metal for Apple GPU. */
  kDLMetal = 8,
  /*! \brief Verilog simulator buffer */
  kDLVPI = 9,
  /*! \brief ROCm GPUs for AMD GPUs */
  kDLROCM = 10,
  /*! \brief Pinned ROCm CPU memory allocated by hipMallocHost */
  kDLROCMHost = 11,
  /*! \brief Reserved extension device type */
  kDLExtDev = 12,
  /*! \brief CUDA managed/unified memory allocated by cudaMallocManaged */
  kDLCUDAManaged = 13,
  /*! \brief Unified shared memory allocated on a oneAPI non-partititioned
   * device. */
  kDLOneAPI = 14,
  /*! \brief GPU support for next generation WebGPU standard. */
  kDLWebGPU = 15,
  /*! \brief Qualcomm Hexagon DSP */
  kDLHexagon = 16,
  /*! \brief Microsoft MAIA devices */
  kDLMAIA = 17,
} DLDeviceType;

/*! \brief A Device for Tensor and operator. */
typedef struct {
  /*! \brief The device type used in the device. */
  DLDeviceType device_type;
  /*! \brief The device index. */
  int32_t device_id;
} DLDevice;

/*! \brief The type code options DLDataType. */
typedef enum {
  /*! \brief signed integer */
  kDLInt = 0U,
  /*! \brief unsigned integer */
  kDLUInt = 1U,
  /*! \brief IEEE floating point */
  kDLFloat = 2U,
  /*! \brief Opaque handle type, reserved for testing purposes. */
  kDLOpaqueHandle = 3U,
  /*! \brief bfloat16 */
  kDLBfloat = 4U,
  /*! \brief complex number (C/C++/Python layout: compact struct per complex
   * number) */
  kDLComplex = 5U,
  /*! \brief boolean */
  kDLBool = 6U,
} DLDataTypeCode;

/*!
 * \brief The data type the tensor can hold. The data type is assumed to follow
 * the native endian-ness.
 */
typedef struct {
  /*! \brief Type code of base types, one of DLDataTypeCode. */
  uint8_t code;
  /*! \brief Number of bits, common choices are 8, 16, 32. */
  uint8_t bits;
  /*! \brief Number of lanes in the type, used for vector types. */
  uint16_t lanes;
} DLDataType;

/*! \brief Plain C Tensor object, does not manage memory. */
typedef struct {
  /*! \brief The data pointer points to the allocated data. */
  void *data;
  /*! \brief The device of the tensor */
  DLDevice device;
  /*! \brief Number of dimensions */
  int32_t ndim;
  /*! \brief The data type of the pointer */
  DLDataType dtype;
  /*! \brief The shape of the tensor */
  int64_t *shape;
  /*!
   * \brief strides of the tensor (in number of elements, not bytes)
   *  can be NULL, indicating tensor is compact and row-majored.
   */
  int64_t *strides;
  /*! \brief The offset in bytes to the beginning pointer to data */
  uint64_t byte_offset;
} DLTensor;

/*! \brief bit mask to indicate that the tensor is read only. */
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)

/*! \brief bit mask to indicate that the tensor is a copy made by the producer.
 */
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)

/*! \brief A versioned and managed C Tensor object, manage memory of DLTensor. */
struct DLManagedTensorVersioned {
  /*! \brief The API and ABI version of the current managed Tensor */
  DLPackVersion version;
  /*! \brief the context of the original host framework. */
  void *manager_ctx;
  /*! \brief Destructor of the manager_ctx; may be NULL. */
  void (*deleter)(struct DLManagedTensorVersioned *self);
  /*! \brief Additional bitmask flags information about the tensor. */
  uint64_t flags;
  /*! \brief DLTensor which is being memory managed */
  DLTensor dl_tensor;
};

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* DLPACK_DLPACK_H_ */
