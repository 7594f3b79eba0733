//===- Workers.cpp - Work in processes that may crash ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Workers.h"

#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lrc;
using namespace lrc::sampling;
using Clock = std::chrono::steady_clock;
using Work = std::function<std::string(int64_t)>;
using Done = std::function<void(int64_t, Report)>;

static bool readAll(int file, void *data, size_t size) {
  char *bytes = static_cast<char *>(data);
  while (size > 0) {
    ssize_t count = ::read(file, bytes, size);
    if (count <= 0)
      return false;
    bytes += count;
    size -= size_t(count);
  }
  return true;
}

static bool writeAll(int file, const void *data, size_t size) {
  const char *bytes = static_cast<const char *>(data);
  while (size > 0) {
    ssize_t count = ::write(file, bytes, size);
    if (count <= 0)
      return false;
    bytes += count;
    size -= size_t(count);
  }
  return true;
}

namespace {
/// A forked process with a pipe to it and one back.
class Worker {
public:
  explicit Worker(const Work &work) { start(work); }
  Worker(const Worker &) = delete;
  ~Worker() { stop(); }

  void give(int64_t number, int seconds) {
    item = number;
    deadline = Clock::now() + std::chrono::seconds(seconds);
    // A process that died is found when its answer is read.
    (void)writeAll(orders, &number, sizeof number);
  }
  Report take();
  Report end(Report::Kind kind);

  int64_t item = -1;
  int answers = -1;
  Clock::time_point deadline;

private:
  void start(const Work &work);
  void stop();
  [[noreturn]] void serve(const Work &work, int in, int out);
  std::string lastWords() const;

  pid_t process = -1;
  int orders = -1;
  FILE *errors = nullptr;
};
} // namespace

void Worker::serve(const Work &work, int in, int out) {
  dup2(fileno(errors), STDERR_FILENO);
  rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  int64_t number;
  while (readAll(in, &number, sizeof number)) {
    std::string text = work(number);
    size_t size = text.size();
    if (!writeAll(out, &size, sizeof size) || !writeAll(out, text.data(), size))
      break;
  }
  _exit(0);
}

void Worker::start(const Work &work) {
  int in[2], out[2];
  errors = tmpfile();
  if (!errors || pipe(in) || pipe(out)) {
    perror("lrc-random");
    exit(2);
  }
  fflush(nullptr);
  process = fork();
  if (process < 0) {
    perror("lrc-random: fork");
    exit(2);
  }
  if (process == 0) {
    close(in[1]);
    close(out[0]);
    serve(work, in[0], out[1]);
  }
  close(in[0]);
  close(out[1]);
  orders = in[1];
  answers = out[0];
}

void Worker::stop() {
  close(orders);
  close(answers);
  if (process > 0) {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }
  fclose(errors);
}

std::string Worker::lastWords() const {
  char text[4096] = {};
  // The offset is shared with the process that wrote.
  long size = lseek(fileno(errors), 0, SEEK_END);
  long start = size > 4000 ? size - 4000 : 0;
  ssize_t count = pread(fileno(errors), text, sizeof text - 1, start);
  return std::string(text, count > 0 ? size_t(count) : 0);
}

/// What became of the work after the process ended or had to be ended.
Report Worker::end(Report::Kind kind) {
  int status = 0;
  if (kind == Report::Kind::TimedOut)
    kill(process, SIGKILL);
  waitpid(process, &status, 0);
  process = -1;
  std::string text = lastWords();
  if (kind == Report::Kind::Crashed && WIFSIGNALED(status))
    text = std::string(strsignal(WTERMSIG(status))) + "\n" + text;
  return {kind, text};
}

Report Worker::take() {
  size_t size = 0;
  if (!readAll(answers, &size, sizeof size))
    return end(Report::Kind::Crashed);
  std::string text(size, ' ');
  if (!readAll(answers, text.data(), size))
    return end(Report::Kind::Crashed);
  return {Report::Kind::Done, text};
}

namespace {
class Pool {
public:
  Pool(int64_t count, int seconds, const Work &work, const Done &done)
      : count(count), seconds(seconds), work(work), done(done) {}
  void run(int processes);

private:
  void feed(size_t place);
  void collect(size_t place, bool isReady);
  void wait();

  int64_t count, next = 0;
  int seconds;
  const Work &work;
  const Done &done;
  std::vector<std::unique_ptr<Worker>> workers;
};
} // namespace

/// Gives the worker its next item, or sends it home.
void Pool::feed(size_t place) {
  if (next < count)
    workers[place]->give(next++, seconds);
  else
    workers[place].reset();
}

void Pool::collect(size_t place, bool isReady) {
  int64_t item = workers[place]->item;
  Report report = isReady ? workers[place]->take()
                          : workers[place]->end(Report::Kind::TimedOut);
  bool isAlive = report.kind == Report::Kind::Done;
  done(item, std::move(report));
  if (!isAlive) {
    workers[place].reset();
    workers[place] = std::make_unique<Worker>(work);
  }
  feed(place);
}

void Pool::wait() {
  std::vector<pollfd> files;
  std::vector<size_t> places;
  for (size_t place = 0; place < workers.size(); ++place)
    if (workers[place]) {
      files.push_back({workers[place]->answers, POLLIN, 0});
      places.push_back(place);
    }
  poll(files.data(), files.size(), 200);
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i].revents)
      collect(places[i], true);
    else if (Clock::now() > workers[places[i]]->deadline)
      collect(places[i], false);
  }
}

void Pool::run(int processes) {
  for (int n = 0; n < processes && next < count; ++n) {
    workers.push_back(std::make_unique<Worker>(work));
    feed(workers.size() - 1);
  }
  auto isBusy = [&] {
    for (auto &worker : workers)
      if (worker)
        return true;
    return false;
  };
  while (isBusy())
    wait();
}

void sampling::runInProcesses(int64_t count, int processes, int seconds,
                              const Work &work, const Done &done) {
  signal(SIGPIPE, SIG_IGN);
  Pool(count, seconds, work, done).run(processes);
}

Report sampling::runInProcess(int seconds,
                              const std::function<std::string()> &work) {
  Report result;
  runInProcesses(
      1, 1, seconds, [&](int64_t) { return work(); },
      [&](int64_t, Report report) { result = std::move(report); });
  return result;
}
