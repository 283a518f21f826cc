// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import { createExtractJob, type ExtractJob } from './extract-job.ts';
import type { FromExtractor, ToExtractor } from './extract-messages.ts';
import { failureOf } from './thread-failure.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
const send = (message: FromExtractor, lent: ArrayBuffer[] = []): void => port.postMessage(message, lent);

const jobs = new Map<number, ExtractJob>();

function close(job: number): void {
  jobs.get(job)?.[Symbol.dispose]();
  jobs.delete(job);
}

function handle(message: ToExtractor): void {
  const { job } = message;
  if (message.type === 'begin') {
    jobs.set(
      job,
      createExtractJob(message.request, (lines) => send({ job, type: 'split', lines }, [lines.buffer])),
    );
  } else if (message.type === 'chunk') {
    // Without a job it has failed, and what was under way is taken no more.
    jobs.get(job)?.push(Buffer.from(message.bytes, 0, message.size), message.compressedBytes);
    send({ job, type: 'taken', bytes: message.bytes }, [message.bytes]);
  } else if (message.type === 'end') {
    const found = jobs.get(job);
    if (found !== undefined) send({ job, type: 'done', ...found.end() });
  } else {
    close(job);
    send({ job, type: 'closed' });
  }
}

port.on('message', (message: ToExtractor) => {
  try {
    handle(message);
  } catch (cause) {
    close(message.job);
    send({ job: message.job, ...failureOf(cause) });
  }
});
