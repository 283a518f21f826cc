// SPDX-License-Identifier: Apache-2.0
import { createCounter, createGauge, createHistogram, prometheusType } from '@lading/prometheus';
import type { RegistryState } from './context.ts';
import type { Intercept } from './intercept.ts';
import type { Observer, RequestRecord } from './observe.ts';
import type { RepositoryRecord } from './record.ts';
import { specError } from './spec-error.ts';

/** What is counted, and the endpoint that shows it. */
export interface Metrics extends Observer {
  onError(): void;
  /** How a request to a pull-through cache was answered. */
  onCache(result: string): void;
  /** `/metrics`, for whom `authorize` lets in. */
  readonly intercept: Intercept;
}

const prefix = 'lading_registry';
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createMetrics({ records, uploads }: RegistryState): Metrics {
  let inProgress = 0;
  const requests = createCounter(`${prefix}_requests_total`, 'Requests that were answered.');
  const durations = createHistogram(
    `${prefix}_request_duration_seconds`,
    'Time from the head of a request to the end of its answer.',
    bounds,
  );
  const received = createCounter(`${prefix}_received_bytes_total`, 'Bytes that clients sent.');
  const sent = createCounter(`${prefix}_sent_bytes_total`, 'Bytes that were sent to clients.');
  const blobs = createCounter(`${prefix}_blobs_total`, 'Blobs by what was done with them.');
  const errors = createCounter(`${prefix}_errors_total`, 'Failures of the registry itself.');
  const cache = createCounter(`${prefix}_cache_requests_total`, 'Answers of the pull-through cache.');
  const sum = (of: (record: RepositoryRecord) => number) =>
    [...records.names()].reduce((total, name) => {
      const record = records.get(name);
      return total + (record === undefined ? 0 : of(record));
    }, 0);
  const families = [
    requests,
    durations,
    received,
    sent,
    blobs,
    errors,
    cache,
    createGauge(`${prefix}_requests_in_progress`, 'Requests being answered now.', () => inProgress),
    createGauge(
      `${prefix}_uploads_in_progress`,
      'Uploads that were begun and not ended.',
      () => uploads.count,
    ),
    createGauge(`${prefix}_repositories`, 'Repositories.', () => [...records.names()].length),
    createGauge(`${prefix}_manifests`, 'Manifests of all repositories.', () => sum((r) => r.manifests.size)),
    createGauge(`${prefix}_tags`, 'Tags of all repositories.', () => sum((r) => r.tags.size)),
    createGauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()),
    createGauge('process_cpu_seconds_total', 'User and system CPU time.', cpuSeconds, 'counter'),
    createGauge(
      'process_start_time_seconds',
      'When the process was started, since the epoch.',
      () => performance.timeOrigin / 1000,
    ),
  ];
  // Rates need a first value to grow from.
  for (const counter of [received, sent, errors]) counter.add({}, 0);

  return {
    onBegin() {
      inProgress += 1;
    },
    onRequest(record) {
      inProgress -= 1;
      const method = methods.has(record.method) ? record.method : 'other';
      const { route, status } = record;
      requests.add({ method, route, status: String(status) });
      durations.observe({ method, route }, record.durationMs / 1000);
      received.add({}, record.receivedBytes);
      sent.add({}, record.sentBytes);
      const event = blobEvent(record);
      if (event !== undefined) blobs.add({ event });
    },
    onError: () => errors.add({}),
    onCache: (result) => cache.add({ result }),
    intercept({ method, response }, path) {
      if (path !== '/metrics') return false;
      if (method !== 'GET' && method !== 'HEAD') throw specError('UNSUPPORTED', `metrics know no ${method}`);
      const body = families.map((family) => family.render()).join('');
      response.writeHead(200, {
        'content-type': prometheusType,
        'content-length': String(Buffer.byteLength(body)),
      });
      response.end(method === 'HEAD' ? undefined : body);
      return true;
    },
  };
}

function blobEvent({ method, route, status, url }: RequestRecord): string | undefined {
  if (route === 'blob' && method === 'GET' && (status === 200 || status === 206)) return 'pulled';
  if (route === 'blob' && method === 'DELETE' && status === 202) return 'deleted';
  if (status !== 201 || (route !== 'upload' && route !== 'uploads')) return undefined;
  return /[?&]mount=/.test(url) ? 'mounted' : 'pushed';
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
