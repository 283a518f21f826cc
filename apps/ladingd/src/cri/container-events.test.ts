// SPDX-License-Identifier: Apache-2.0
import { Metadata } from '@grpc/grpc-js';
import type { ContainerEventResponse, Input } from '@lading/cri-api';
import type { Engine, EngineEvent, PodInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { expect, it } from 'vitest';
import { followContainerEvents } from './container-events.ts';
import { createEventQueue } from './event-queue.ts';

const id = 'ab'.repeat(32);
const damaged = 'cd'.repeat(32);

/** As much of an engine as events ask for: one sandbox of CRI, which is gone when its status is asked for. */
function engineWith(events: AsyncIterable<EngineEvent>): Engine {
  const pod: Partial<PodInfo> = { id, options: { metadata: { cri: {} } } };
  const engine: Partial<Engine> = {
    events: () => events,
    pods: {
      list: async () => [pod as PodInfo],
      inspect: async (ref) => {
        if (ref === damaged) throw new LadingError(Code.DataLoss, 'its record is no JSON');
        throw new LadingError(Code.NotFound, 'gone', { reason: 'POD_UNKNOWN' });
      },
    } as Partial<Engine['pods']> as Engine['pods'],
    containers: { list: async () => [] } as Partial<Engine['containers']> as Engine['containers'],
  };
  return engine as Engine;
}

async function follow() {
  const stop = new AbortController();
  const first: EngineEvent[] = [];
  const source = createEventQueue<EngineEvent>({
    limit: 10_000,
    onDrop: () => {},
    signal: stop.signal,
    first,
  });
  const seen: string[] = [];
  const warnings: string[] = [];
  let dropped = 0;
  const follower = await followContainerEvents(engineWith(source), {
    onWarning: (message) => warnings.push(message),
    onDrop: () => {
      dropped += 1;
    },
    onEvent: ({ time }) => seen.push(time),
  });
  const emit = async (count: number, of = id): Promise<void> => {
    const before = seen.length;
    for (let i = 1; i <= count; i += 1) {
      source.push({ type: 'pod', action: 'stop', id: of, time: new Date(before + i).toISOString() });
    }
    while (seen.length < before + count) await new Promise(setImmediate);
  };
  const read = (): AsyncIterator<Input<ContainerEventResponse>> => {
    const call = follower.handlers.getContainerEvents({}, { signal: stop.signal, metadata: new Metadata() });
    return call[Symbol.asyncIterator]();
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await follower[Symbol.asyncDispose]();
  };
  return { emit, read, warnings, dropped: () => dropped, end };
}

/** The number of an event, which is the millisecond of its time. */
const numberOf = ({ value }: IteratorResult<Input<ContainerEventResponse>>): number =>
  Number(value.createdAt) / 1e6;

it('a reader that stops reading loses the oldest events, with one warning, and holds nobody up', async () => {
  const { emit, read, warnings, dropped, end } = await follow();
  const [slow, quick] = [read(), read()];
  const firsts = [slow.next(), quick.next()];
  await emit(1);
  await Promise.all(firsts);
  for (let i = 2; i <= 1500; i += 1) {
    await emit(1);
    expect(numberOf(await quick.next())).toBe(i);
  }
  expect(dropped()).toBe(499);
  expect(warnings).toEqual(['a reader of container events is too slow; it loses the oldest']);
  expect(numberOf(await slow.next())).toBe(501);
  await end();
});

it('events without a reader wait for the first one, the newest thousand', async () => {
  const { emit, read, warnings, dropped, end } = await follow();
  await emit(1200);
  expect(numberOf(await read().next())).toBe(201);
  expect([dropped(), warnings]).toEqual([0, []]);
  await end();
});

it('an event whose sandbox cannot be looked up is warned about, and the next ones are told', async () => {
  const { emit, read, warnings, end } = await follow();
  const reader = read();
  const next = reader.next();
  await emit(1, damaged);
  await emit(1);
  expect(numberOf(await next)).toBe(2);
  expect(warnings).toEqual([`nobody is told of the stop of pod ${damaged}: its record is no JSON`]);
  await end();
});
