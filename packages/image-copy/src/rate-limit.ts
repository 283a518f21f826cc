// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import type { ContentSource } from '@lading/registry-client';
import type { ImageSource } from './types.ts';
import { passing } from './verified.ts';

/** What time it is, and how time is let pass. */
export interface RateClock {
  now(): number;
  pause(waitMs: number, signal: AbortSignal | undefined): Promise<unknown>;
}

const systemClock: RateClock = {
  now: () => performance.now(),
  pause: (waitMs, signal) => sleep(waitMs, undefined, signal === undefined ? {} : { signal }),
};

/**
 * The source, whose blobs come no faster than at this rate, all that are read at a time together.
 *
 * @throws InvalidArgument for a rate that is no positive number
 */
export function withRateLimit(
  source: ImageSource,
  bytesPerSecond: number,
  clock: RateClock = systemClock,
): ImageSource {
  if (!(bytesPerSecond > 0)) {
    throw new LadingError(
      Code.InvalidArgument,
      'bytesPerSecond must be more than 0; leave it out for no limit',
    );
  }
  /** Each piece has a time of its own, one after the other: what was not used up is not made up for. */
  let freeAtMs = 0;
  async function* slowly(bytes: ContentSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      const nowMs = clock.now();
      const startMs = Math.max(freeAtMs, nowMs);
      freeAtMs = startMs + (chunk.length / bytesPerSecond) * 1000;
      if (startMs > nowMs) await clock.pause(startMs - nowMs, signal);
      yield chunk;
    }
  }
  const limited = (bytes: ContentSource, signal: AbortSignal | undefined): ContentSource =>
    passing(bytes, slowly(bytes, signal));
  const { blobFrom, blobPart } = source;
  const members: Pick<ImageSource, 'blob' | 'blobFrom' | 'blobPart'> = {
    blob: (descriptor, options = {}) => limited(source.blob(descriptor, options), options.signal),
    ...(blobFrom === undefined
      ? {}
      : {
          blobFrom: (descriptor, offset, options = {}) =>
            limited(blobFrom.call(source, descriptor, offset, options), options.signal),
        }),
    ...(blobPart === undefined
      ? {}
      : {
          blobPart: (descriptor, start, end, options = {}) =>
            limited(blobPart.call(source, descriptor, start, end, options), options.signal),
        }),
  };
  // A source of a user's own may be of a class, with methods that a copy of it would not have.
  return new Proxy(source, {
    get(target, key) {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
