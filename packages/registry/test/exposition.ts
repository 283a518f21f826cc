// SPDX-License-Identifier: Apache-2.0

/** A family of a scrape: its samples by name and labels as they stand. */
export interface ParsedFamily {
  readonly type: string;
  readonly samples: ReadonlyMap<string, number>;
}

const samplePattern =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\})|(?=\})))+)\})? (\S+)$/;
const numberPattern = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|\+Inf|-Inf|NaN)$/;

/**
 * Reads Prometheus' text format and takes nothing that the format does not allow: each family has its HELP and
 * TYPE before its samples and stands there once, no sample stands there twice, histograms add up.
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  let help: string | undefined;
  let name = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+$/.exec(line) ?? [];
    const [, typed, type] =
      /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (helped !== undefined) help = helped;
    else if (typed !== undefined && type !== undefined) {
      if (typed !== help || families.has(typed)) throw new Error(`TYPE out of place: ${line}`);
      name = typed;
      families.set(name, { type, samples: new Map() });
    } else {
      const family = families.get(name);
      const [, sample = '', labels = '', value = ''] = samplePattern.exec(line) ?? [];
      const suffix = sample.slice(name.length);
      const allowed = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!sample.startsWith(name) || !allowed.includes(suffix) || !numberPattern.test(value)) {
        throw new Error(`not a sample of ${name}: ${line}`);
      }
      const key = `${sample}{${labels}}`;
      if (family === undefined || family.samples.has(key)) throw new Error(`twice: ${line}`);
      family.samples.set(key, Number(value.replace('+Inf', 'Infinity')));
    }
  }
  for (const [family, { type, samples }] of families)
    if (type === 'histogram') checkHistogram(family, samples);
  return families;
}

function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const running = new Map<string, { bound: number; total: number }>();
  for (const [key, value] of samples) {
    const [, rest = '', le = ''] = /_bucket\{(.*?),?le="([^"]*)"\}$/.exec(key) ?? [];
    if (le === '') continue;
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    const last = running.get(rest) ?? { bound: Number.NEGATIVE_INFINITY, total: 0 };
    if (bound <= last.bound || value < last.total) throw new Error(`buckets do not ascend: ${key}`);
    running.set(rest, { bound, total: value });
  }
  for (const [labels, { bound, total }] of running) {
    if (bound !== Number.POSITIVE_INFINITY || samples.get(`${name}_count{${labels}}`) !== total) {
      throw new Error(`the last bucket is not the count: ${name}{${labels}}`);
    }
    if (!samples.has(`${name}_sum{${labels}}`)) throw new Error(`no sum: ${name}{${labels}}`);
  }
}
