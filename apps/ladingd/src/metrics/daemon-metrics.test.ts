// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { createDaemonMetrics } from './daemon-metrics.ts';

/** Value of the sample with this name and labels. */
function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe('metered handlers', () => {
  const made = () => {
    const metrics = createDaemonMetrics({ defaultRuntime: () => 'runc' });
    const handlers = metrics.metered({
      version: async (word: string) => ({ word }),
      pullImage: async (isThere: boolean) => {
        if (!isThere) throw new LadingError(Code.NotFound, 'no such image');
      },
      removeImage: () => {
        throw new Error('at once');
      },
      async *streamImages(count: number) {
        for (let item = 0; item < count; item += 1) yield item;
        if (count > 2) throw new LadingError(Code.Canceled, 'enough');
      },
    });
    return { handlers, sample: (name: string) => sample(metrics.render(), name) };
  };

  it('answer as they did, and are counted and timed', async () => {
    const { handlers, sample } = made();
    expect(await handlers.version('a')).toEqual({ word: 'a' });
    await handlers.pullImage(true);
    expect(sample('lading_operations_total{operation="Version"}')).toBe(1);
    expect(sample('lading_operations_latency_seconds_count{operation="Version"}')).toBe(1);
    expect(sample('lading_image_pulls_success_total')).toBe(1);
    expect(sample('lading_operations_errors_total{operation="Version",code="not_found"}')).toBeUndefined();
  });

  it('fail as they did, which is counted by code', async () => {
    const { handlers, sample } = made();
    await expect(handlers.pullImage(false)).rejects.toMatchObject({ code: 'not_found' });
    expect(sample('lading_operations_errors_total{operation="PullImage",code="not_found"}')).toBe(1);
    expect(sample('lading_image_pulls_failure_total{code="not_found"}')).toBe(1);
    expect(sample('lading_image_pulls_success_total')).toBe(0);
    await expect(async () => handlers.removeImage()).rejects.toThrow('at once');
    expect(sample('lading_operations_errors_total{operation="RemoveImage",code="internal"}')).toBe(1);
  });

  it('stream as they did', async () => {
    const { handlers, sample } = made();
    expect(await Array.fromAsync(handlers.streamImages(2))).toEqual([0, 1]);
    await expect(Array.fromAsync(handlers.streamImages(3))).rejects.toMatchObject({ code: 'canceled' });
    expect(sample('lading_operations_total{operation="StreamImages"}')).toBe(2);
    expect(sample('lading_operations_errors_total{operation="StreamImages",code="canceled"}')).toBe(1);
  });
});

it('counts layers of pulls, by what was done with them', () => {
  const { onPullProgress, render } = createDaemonMetrics({ defaultRuntime: () => 'runc' });
  const layer = { kind: 'layer', id: 'sha256:a' };
  onPullProgress({ ...layer, state: 'copying', current: 5, total: 10 });
  const done = { ...layer, state: 'done', current: 10, total: 10 } as const;
  // Twice: two pulls were merged.
  for (const event of [done, done]) onPullProgress(event);
  onPullProgress({ ...layer, state: 'exists', current: 7, total: 7 });
  onPullProgress({ kind: 'config', id: 'sha256:b', state: 'done', total: 3 });
  const text = render();
  expect(sample(text, 'lading_image_pulls_bytes_total')).toBe(10);
  expect(sample(text, 'lading_image_pulls_skipped_bytes_total')).toBe(7);
  expect(sample(text, 'lading_image_layer_reuse_total')).toBe(1);
  expect(sample(text, 'lading_image_pulls_layer_size_sum')).toBe(10);
});

it('counts ends for want of memory, and events that were lost', () => {
  const { onEvent, onEventDropped, render } = createDaemonMetrics({ defaultRuntime: () => 'runc' });
  const died = { time: '', type: 'container', action: 'died', id: 'a' } as const;
  onEvent({ ...died, attributes: { exitCode: '137', oomKilled: 'true' } });
  onEvent({ ...died, attributes: { exitCode: '137' } });
  onEventDropped();
  expect(sample(render(), 'lading_containers_oom_total')).toBe(1);
  expect(sample(render(), 'lading_containers_events_dropped_total')).toBe(1);
});

it('shows itself and the machine, or only what is asked for', () => {
  const text = createDaemonMetrics({ defaultRuntime: () => 'crun' }).render();
  expect(sample(text, 'lading_default_runtime{runtime="crun"}')).toBe(1);
  for (const name of ['process_resident_memory_bytes', 'process_open_fds', 'process_start_time_seconds'])
    expect(sample(text, name)).toBeGreaterThan(0);
  expect(sample(text, 'lading_processes_defunct')).toBeGreaterThanOrEqual(0);
  const some = createDaemonMetrics({
    defaultRuntime: () => 'crun',
    collectors: ['containers_oom_total', 'nope'],
  });
  expect(some.render().split('\n')).toEqual([
    expect.stringMatching(/^# HELP lading_containers_oom_total /),
    '# TYPE lading_containers_oom_total counter',
    'lading_containers_oom_total 0',
    '',
  ]);
});
