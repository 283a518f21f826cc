// SPDX-License-Identifier: Apache-2.0

/** Values of labels by name; those of one family have always the same names, in the same order. */
export type Labels = Readonly<Record<string, string>>;

/** A family of samples as a scrape shows it. */
export interface Family {
  render(): string;
}

/** A number that only grows, one a set of labels. */
export interface Counter extends Family {
  add(labels: Labels, value?: number): void;
}

/** How often values were at most so large, one a set of labels. */
export interface Histogram extends Family {
  observe(labels: Labels, value: number): void;
}

/** The content type of what families render. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** A counter. Its series begin with the first number that is added, which may be 0. */
export function createCounter(name: string, help: string): Counter {
  const series = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(labels, value = 1) {
      const one = seriesOf(series, labels, () => ({ labels, value: 0 }));
      one.value += value;
    },
    render() {
      const lines = [...series.values()].map(({ labels, value }) => `${name}${labelText(labels)} ${value}`);
      return family(name, help, 'counter', lines);
    },
  };
}

/** A number that is asked for at each scrape, or several with their labels. */
export function createGauge(
  name: string,
  help: string,
  read: () => number | readonly (readonly [labels: Labels, value: number])[],
  type: 'gauge' | 'counter' = 'gauge',
): Family {
  return {
    render() {
      const found = read();
      const samples = typeof found === 'number' ? ([[{}, found]] as const) : found;
      const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`);
      return family(name, help, type, lines);
    },
  };
}

/** A histogram. @param bounds upper bounds of the buckets, ascending; a last one without a bound is added */
export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const series = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
  return {
    observe(labels, value) {
      const one = seriesOf(series, labels, () => ({ labels, counts: [...bounds, 0].map(() => 0), sum: 0 }));
      const bucket = bounds.findIndex((bound) => value <= bound);
      const index = bucket === -1 ? bounds.length : bucket;
      one.counts[index] = (one.counts[index] ?? 0) + 1;
      one.sum += value;
    },
    render() {
      const lines = [...series.values()].flatMap(({ labels, counts, sum }) => {
        const shown = labelText(labels);
        let total = 0;
        const buckets = counts.map((count, index) => {
          total += count;
          const le = index < bounds.length ? String(bounds[index]) : '+Inf';
          return `${name}_bucket${labelText({ ...labels, le })} ${total}`;
        });
        return [...buckets, `${name}_sum${shown} ${sum}`, `${name}_count${shown} ${total}`];
      });
      return family(name, help, 'histogram', lines);
    },
  };
}

/** The names of a family's labels are always the same ones, so their values tell series apart. */
function seriesOf<T>(series: Map<string, T>, labels: Labels, make: () => T): T {
  const key = Object.values(labels).join('\n');
  const known = series.get(key);
  if (known !== undefined) return known;
  const made = make();
  series.set(key, made);
  return made;
}

function family(name: string, help: string, type: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
