//===- named_barriers.cu - Hazards that are none --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two teams of a block, as in kernels of lrc. Every access of shared memory is
// ordered by a barrier of all threads that touch it, and compute-sanitizer
// reports hazards nevertheless if one team waits more often than the other:
//
//     nvcc -arch=sm_90a -o named_barriers named_barriers.cu
//     compute-sanitizer --tool racecheck ./named_barriers 1   # none
//     compute-sanitizer --tool racecheck ./named_barriers 2   # several
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>

__global__ void run(int *out, int rounds, int waits) {
  __shared__ int own[256], all[256];
  int thread = threadIdx.x, sum = 0;
  if (thread < 128) {
    for (int round = 0; round < rounds; ++round) {
      own[thread] = round + sum;
      asm volatile("bar.sync 1, 128;" ::: "memory");
      sum += own[(thread + 33) % 128];
      asm volatile("bar.sync 3, 256;" ::: "memory");
    }
  } else {
    for (int round = 0; round < rounds; ++round) {
      for (int wait = 0; wait < waits; ++wait) {
        own[thread] = round + sum;
        asm volatile("bar.sync 2, 128;" ::: "memory");
        sum += own[128 + (thread + 33) % 128];
        if (wait + 1 < waits)
          asm volatile("bar.sync 2, 128;" ::: "memory");
      }
      asm volatile("bar.sync 3, 256;" ::: "memory");
    }
  }
  for (int round = 0; round < rounds; ++round) {
    __syncthreads();
    all[thread] = round + sum;
    __syncthreads();
    sum += all[(thread + 37) % 256];
  }
  out[blockIdx.x * 256 + thread] = sum;
}

int main(int, char **arguments) {
  int *out;
  cudaMalloc(&out, sizeof(int) * 32 * 256);
  run<<<32, 256>>>(out, 9, atoi(arguments[1]));
  printf("%s\n", cudaGetErrorString(cudaDeviceSynchronize()));
}
