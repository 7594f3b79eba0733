/*===- emulator.c - A block of GPU threads on one thread of a CPU ---------===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Each thread of a block is a coroutine that runs until it waits: for all at a
 * barrier, or for its warp at what warps do together, such as a product by
 * tensor cores. Between two barriers threads run one after the other, from the
 * first, from the last, or in random order: a kernel in which one thread needs
 * what another has not finished gives other results then. Copies to shared
 * memory happen at once in one order, and when they are waited for in the
 * others. The kernel's LLVM IR calls the functions below in place of
 * instructions. */

#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { MOST = 512, WARP = 32, STACK = 1 << 18 };
enum State { RUNS, AT_BARRIER, AT_WARP, DONE };
enum Task { SHUFFLE, LOAD_MATRICES, MULTIPLY, MEET };

extern char lrc_shared[];
void kernel(void *call, void *scratch);

static ucontext_t contexts[MOST], scheduler;
static enum State states[MOST];
static int threads, current, block;
static void *call_, *scratch_;
/* What threads of a warp do together, and what each gives and gets. Of a
 * shuffle, `source` is where the result comes from. */
static struct {
  enum Task task;
  uint32_t value, source;
  const char *address; /* of a row of 8 numbers of 16 bits */
  int count, transposed;
  uint32_t lhs[4], rhs[2];
  float sums[4];
  uint32_t words[4];
} lanes[MOST];

/* Copies that a thread has started. */
enum { COPIES = 256 };
static struct {
  char *to;
  const char *from;
  int bytes;
} copies[MOST][COPIES];
static int started[MOST];
static int copies_at_once;

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

static uint32_t shuffle(uint32_t value, uint32_t source) {
  lanes[current].task = SHUFFLE;
  lanes[current].value = value;
  lanes[current].source = source;
  wait_as(AT_WARP);
  return lanes[current].words[0];
}

uint32_t emulated_bfly(uint32_t mask, uint32_t value, uint32_t distance,
                       uint32_t clamp) {
  (void)mask, (void)clamp;
  return shuffle(value, (uint32_t)current ^ distance);
}

uint32_t emulated_up(uint32_t mask, uint32_t value, uint32_t distance,
                     uint32_t clamp) {
  (void)mask;
  uint32_t segment = clamp >> 8; /* bits of the lane that must not change */
  uint32_t lane = (uint32_t)current % WARP;
  uint32_t first = lane & segment;
  return shuffle(value,
                 (uint32_t)current - (lane >= first + distance ? distance : 0));
}

void emulated_meet(uint32_t mask) {
  (void)mask;
  lanes[current].task = MEET;
  wait_as(AT_WARP);
}

void emulated_load_matrices(uint32_t *result, const char *address, int count,
                            int transposed) {
  lanes[current].task = LOAD_MATRICES;
  lanes[current].address = address;
  lanes[current].count = count;
  lanes[current].transposed = transposed;
  wait_as(AT_WARP);
  memcpy(result, lanes[current].words, sizeof(uint32_t) * (size_t)count);
}

void emulated_multiply(float *result, const uint32_t *lhs, const uint32_t *rhs,
                       const float *sums) {
  lanes[current].task = MULTIPLY;
  memcpy(lanes[current].lhs, lhs, sizeof lanes[current].lhs);
  memcpy(lanes[current].rhs, rhs, sizeof lanes[current].rhs);
  memcpy(lanes[current].sums, sums, sizeof lanes[current].sums);
  wait_as(AT_WARP);
  memcpy(result, lanes[current].sums, sizeof lanes[current].sums);
}

static void copy(void *to, const void *from, int bytes) {
  if (copies_at_once || started[current] == COPIES) {
    memcpy(to, from, (size_t)bytes);
    return;
  }
  int index = started[current]++;
  copies[current][index].to = to;
  copies[current][index].from = from;
  copies[current][index].bytes = bytes;
}
void emulated_copy4(void *to, const void *from) { copy(to, from, 4); }
void emulated_copy8(void *to, const void *from) { copy(to, from, 8); }
void emulated_copy16(void *to, const void *from) { copy(to, from, 16); }
void emulated_copy_group(void) {}
void emulated_copy_wait(int32_t groups) {
  (void)groups;
  for (int i = 0; i < started[current]; ++i)
    memcpy(copies[current][i].to, copies[current][i].from,
           (size_t)copies[current][i].bytes);
  started[current] = 0;
}

/* Numbers of 16 bits, and what clang calls to make them of f32. */
static float widen(uint32_t bits) {
  float number;
  bits <<= 16;
  memcpy(&number, &bits, sizeof number);
  return number;
}
__bf16 __truncsfbf2(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  if (number == number)
    bits += 0x7fff + ((bits >> 16) & 1);
  uint16_t upper = (uint16_t)(bits >> 16);
  __bf16 result;
  memcpy(&result, &upper, sizeof result);
  return result;
}

/* Matrix m has its rows at the addresses of lanes 8 m, 8 m + 1, ..; a lane gets
 * two neighbours of row lane / 4, or of a column. */
static void load_matrices(int warp) {
  for (int matrix = 0; matrix < lanes[warp].count; ++matrix)
    for (int lane = 0; lane < WARP; ++lane) {
      uint32_t word = 0;
      for (int part = 0; part < 2; ++part) {
        int row = lane / 4, column = 2 * (lane % 4) + part;
        if (lanes[warp].transposed) {
          int swapped = row;
          row = column, column = swapped;
        }
        uint16_t number;
        memcpy(&number, lanes[warp + 8 * matrix + row].address + 2 * column, 2);
        word |= (uint32_t)number << (16 * part);
      }
      lanes[warp + lane].words[matrix] = word;
    }
}

static float part_of(uint32_t word, int part) {
  return widen(part ? word >> 16 : word & 0xffff);
}

/* sums[16,8] += lhs[16,16] rhs[16,8], in the layout of mma.m16n8k16. */
static void multiply(int warp) {
  float lhs[16][16], rhs[16][8];
  for (int lane = 0; lane < WARP; ++lane)
    for (int part = 0; part < 2; ++part) {
      int row = lane / 4, column = 2 * (lane % 4) + part;
      for (int word = 0; word < 4; ++word)
        lhs[row + word % 2 * 8][column + word / 2 * 8] =
            part_of(lanes[warp + lane].lhs[word], part);
      for (int word = 0; word < 2; ++word)
        rhs[column + 8 * word][row] =
            part_of(lanes[warp + lane].rhs[word], part);
    }
  for (int lane = 0; lane < WARP; ++lane)
    for (int i = 0; i < 4; ++i) {
      int row = lane / 4 + i / 2 * 8, column = 2 * (lane % 4) + i % 2;
      for (int k = 0; k < 16; ++k)
        lanes[warp + lane].sums[i] += lhs[row][k] * rhs[k][column];
    }
}

static void work_together(int warp) {
  switch (lanes[warp].task) {
  case SHUFFLE:
    for (int i = warp; i < warp + WARP; ++i)
      lanes[i].words[0] = lanes[lanes[i].source].value;
    break;
  case LOAD_MATRICES:
    load_matrices(warp);
    break;
  case MULTIPLY:
    multiply(warp);
    break;
  case MEET:
    break;
  }
}

static void run_thread(void) {
  kernel(call_, scratch_);
  wait_as(DONE);
}

/* What whole warps do happens; a barrier that all have reached opens.
 * Returns whether any thread can go on. */
static int release(void) {
  int released = 0, waiting = 0;
  for (int warp = 0; warp < threads; warp += WARP) {
    int ready = 0;
    for (int i = warp; i < warp + WARP; ++i)
      ready += states[i] == AT_WARP && lanes[i].task == lanes[warp].task;
    if (ready < WARP)
      continue;
    work_together(warp);
    for (int i = warp; i < warp + WARP; ++i)
      states[i] = RUNS;
    released = 1;
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
  copies_at_once = order == 0;
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
