/*===- emulator.c - A block of GPU threads on one thread of a CPU ---------===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Each thread of a block is a coroutine that runs until it waits: for all at a
 * barrier, or for its warp at a shuffle. Between two barriers threads run one
 * after the other, from the first, from the last, or in random order: a kernel in
 * which one thread needs what another has not finished gives other results then.
 * The kernel's LLVM IR calls the functions below in place of instructions. */

#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { MOST = 512, WARP = 32, STACK = 1 << 18 };
enum State { RUNS, AT_BARRIER, AT_SHUFFLE, DONE };

extern char lrc_shared[];
void kernel(void *call, void *scratch);

static ucontext_t contexts[MOST], scheduler;
static enum State states[MOST];
static int threads, current, block;
static void *call_, *scratch_;
/* Of a shuffle: the value that each thread gives, where its own comes from. */
static uint32_t values[MOST], sources[MOST], results[MOST];

static void wait_as(enum State state) {
  states[current] = state;
  swapcontext(&contexts[current], &scheduler);
}

int32_t emulated_thread(void) { return current; }
int32_t emulated_block(void) { return block; }
void emulated_barrier(int32_t id) {
  (void)id;
  wait_as(AT_BARRIER);
}
float emulated_exp2(float x) { return exp2f(x); }

uint32_t emulated_bfly(uint32_t mask, uint32_t value, uint32_t distance,
                       uint32_t clamp) {
  (void)mask, (void)clamp;
  values[current] = value;
  sources[current] = (uint32_t)current ^ distance;
  wait_as(AT_SHUFFLE);
  return results[current];
}

uint32_t emulated_up(uint32_t mask, uint32_t value, uint32_t distance,
                     uint32_t clamp) {
  (void)mask;
  uint32_t segment = clamp >> 8; /* bits of the lane that must not change */
  uint32_t lane = (uint32_t)current % WARP;
  uint32_t first = lane & segment;
  values[current] = value;
  sources[current] =
      (uint32_t)current - (lane >= first + distance ? distance : 0);
  wait_as(AT_SHUFFLE);
  return results[current];
}

static void run_thread(void) {
  kernel(call_, scratch_);
  wait_as(DONE);
}

/* Shuffles of whole warps happen; a barrier that all have reached opens.
 * Returns whether any thread can go on. */
static int release(void) {
  int released = 0, waiting = 0;
  for (int warp = 0; warp < threads; warp += WARP) {
    int ready = 0;
    for (int i = warp; i < warp + WARP; ++i)
      ready += states[i] == AT_SHUFFLE;
    for (int i = warp; ready == WARP && i < warp + WARP; ++i) {
      results[i] = values[sources[i]];
      states[i] = RUNS;
      released = 1;
    }
  }
  for (int i = 0; i < threads; ++i)
    waiting += states[i] == AT_BARRIER || states[i] == DONE;
  for (int i = 0; waiting == threads && i < threads; ++i)
    if (states[i] == AT_BARRIER) {
      states[i] = RUNS;
      released = 1;
    }
  return released;
}

static int position(int index, int order) {
  if (order == 0)
    return index;
  return order == 1 ? threads - 1 - index : (index * 97 + order) % threads;
}

/* Runs blocks 0 .. blocks - 1. Returns 0, or 1 when threads wait for each other
 * in vain, or are too many. */
int emulate(void *call, void *scratch, int blocks, int block_threads,
            int shared_bytes, int order) {
  static char stacks[MOST][STACK];
  call_ = call, scratch_ = scratch, threads = block_threads;
  if (threads > MOST)
    return 1;
  for (block = 0; block < blocks; ++block) {
    memset(lrc_shared, 0xff, (size_t)shared_bytes); /* no numbers */
    for (int i = 0; i < threads; ++i) {
      states[i] = RUNS;
      getcontext(&contexts[i]);
      contexts[i].uc_stack.ss_sp = stacks[i];
      contexts[i].uc_stack.ss_size = STACK;
      contexts[i].uc_link = &scheduler;
      makecontext(&contexts[i], run_thread, 0);
    }
    for (;;) {
      int done = 0;
      for (int i = 0; i < threads; ++i) {
        current = position(i, order);
        if (states[current] == RUNS)
          swapcontext(&scheduler, &contexts[current]);
      }
      for (int i = 0; i < threads; ++i)
        done += states[i] == DONE;
      if (done == threads)
        break;
      if (!release())
        return 1;
    }
  }
  return 0;
}
