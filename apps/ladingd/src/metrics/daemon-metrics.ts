// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import type { EngineEvent, PullProgress } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { createCounter, createGauge, createHistogram, type Family } from '@lading/prometheus';
import { countDefunct } from './defunct.ts';

/** What the daemon counts of itself. */
export interface DaemonMetrics {
  /** Handlers that are counted and timed, by the name of their operation. */
  metered<Handlers extends object>(handlers: Handlers): Handlers;
  onPullProgress(event: PullProgress): void;
  onEvent(event: EngineEvent): void;
  onEventDropped(): void;
  render(): string;
}

export interface DaemonMetricsOptions {
  readonly defaultRuntime: () => string;
  /** Hears of each call that has ended, streams only when they fail. */
  readonly onCall?: ((operation: string, ms: number, error?: LadingError) => void) | undefined;
  /** Names without prefix; unknown ones are passed over. Default: all. */
  readonly collectors?: readonly string[] | undefined;
}

const prefix = 'lading_';
const secondsBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const layerBounds = [1 << 20, 10 << 20, 50 << 20, 100 << 20, 500 << 20, 1 << 30, 10 * 2 ** 30];

export function createDaemonMetrics(options: DaemonMetricsOptions): DaemonMetrics {
  const families = new Map<string, Family>();
  const named = <F extends Family>(name: string, make: (name: string) => F): F => {
    const family = make(name.startsWith('process_') ? name : `${prefix}${name}`);
    families.set(name, family);
    return family;
  };
  const counter = (name: string, help: string) => named(name, (full) => createCounter(full, help));
  const histogram = (name: string, help: string, bounds: readonly number[]) =>
    named(name, (full) => createHistogram(full, help, bounds));
  const gauge = (...[name, ...rest]: Parameters<typeof createGauge>) =>
    named(name, (full) => createGauge(full, ...rest));

  const operations = counter('operations_total', 'Calls of CRI, by operation.');
  const errors = counter('operations_errors_total', 'Calls that failed, by operation and code.');
  const latency = histogram('operations_latency_seconds', 'Time that calls took.', secondsBounds);
  const pulls = counter('image_pulls_success_total', 'Images that were pulled.');
  const failures = counter('image_pulls_failure_total', 'Pulls that failed, by code.');
  const bytes = counter('image_pulls_bytes_total', 'Compressed bytes of layers that were fetched.');
  const skipped = counter('image_pulls_skipped_bytes_total', 'Bytes of layers that were there.');
  const reused = counter('image_layer_reuse_total', 'Layers that were there.');
  const layerSizes = histogram('image_pulls_layer_size', 'Sizes of layers that were fetched.', layerBounds);
  const ooms = counter('containers_oom_total', 'Containers that the kernel ended for want of memory.');
  const dropped = counter('containers_events_dropped_total', 'Events that a slow reader lost.');
  // Rates need a first value to grow from.
  for (const one of [pulls, bytes, skipped, reused, ooms, dropped]) one.add({}, 0);
  gauge('default_runtime', 'The default handler.', () => [[{ runtime: options.defaultRuntime() }, 1]]);
  gauge('processes_defunct', 'Processes of the machine that have ended and nobody waits for.', countDefunct);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('process_cpu_seconds_total', 'User and system CPU time.', cpuSeconds, 'counter');
  gauge('process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length);
  gauge(
    'process_start_time_seconds',
    'When the process was started, since the epoch.',
    () => performance.timeOrigin / 1000,
  );
  const shown = [...families].filter(
    ([name]) => options.collectors === undefined || options.collectors.includes(name),
  );

  const counted = new WeakSet<object>();

  function failed(operation: string, begunMs: number, error: unknown): void {
    const failure = LadingError.from(error, Code.Internal);
    const { code } = failure;
    errors.add({ operation, code });
    if (operation === 'PullImage') failures.add({ code });
    options.onCall?.(operation, performance.now() - begunMs, failure);
  }

  async function timed(operation: string, begunMs: number, work: Promise<unknown>): Promise<unknown> {
    try {
      const answer = await work;
      if (operation === 'PullImage') pulls.add({});
      options.onCall?.(operation, performance.now() - begunMs);
      return answer;
    } catch (error) {
      failed(operation, begunMs, error);
      throw error;
    } finally {
      latency.observe({ operation }, (performance.now() - begunMs) / 1000);
    }
  }

  async function* watched(
    operation: string,
    begunMs: number,
    items: AsyncIterable<unknown>,
  ): AsyncGenerator<unknown> {
    try {
      yield* items;
    } catch (error) {
      failed(operation, begunMs, error);
      throw error;
    }
  }

  return {
    metered(handlers) {
      const wrap = ([name, handler]: [string, (...words: unknown[]) => unknown]) => {
        const operation = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
        const call = (...words: unknown[]): unknown => {
          operations.add({ operation });
          const begunMs = performance.now();
          const answer = begin(() => handler(...words));
          return isStream(answer)
            ? watched(operation, begunMs, answer)
            : timed(operation, begunMs, Promise.resolve(answer));
        };
        return [name, call];
      };
      return Object.fromEntries(Object.entries(handlers).map(wrap));
    },
    onPullProgress(event) {
      const { kind, state, total = 0 } = event;
      if (kind !== 'layer' || state === 'copying') return;
      // Pulls that were merged tell the same event to each that waits.
      if (counted.has(event)) return;
      counted.add(event);
      if (state === 'done') {
        bytes.add({}, total);
        layerSizes.observe({}, total);
      } else {
        reused.add({});
        skipped.add({}, total);
      }
    },
    onEvent({ type, action, attributes }) {
      if (type === 'container' && action === 'died' && attributes?.oomKilled === 'true') ooms.add({});
    },
    onEventDropped: () => dropped.add({}),
    render: () => shown.map(([, family]) => family.render()).join(''),
  };
}

/** A handler may fail before it gives a promise. */
function begin(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
