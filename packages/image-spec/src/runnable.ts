// SPDX-License-Identifier: Apache-2.0
import type { Platform } from './platform.ts';

/**
 * What runs on a CPU, best first, as `architecture/variant` of normalized platforms: each variant below its
 * own, then the 32-bit architecture that it runs as well. As containerd has it, so that both choose the same.
 */
export function runnable({ architecture, variant }: Platform): string[] {
  switch (architecture) {
    case 'amd64':
      return [...levels(architecture, variant ?? 'v1', 1), '386/'];
    case 'arm':
      return levels(architecture, variant ?? 'v7', 5);
    case 'arm64':
      return [...arm64(variant ?? 'v8'), ...levels('arm', 'v8', 5)];
    default:
      return [name(architecture, variant ?? '')];
  }
}

/** `v7`, `v6` and so on down to the lowest. */
function levels(architecture: string, variant: string, lowest: number): string[] {
  const highest = Number(/^v(\d{1,2})$/.exec(variant)?.[1] ?? 0);
  const below = Array.from({ length: Math.max(highest - lowest, 0) }, (_, i) => `v${highest - 1 - i}`);
  return [variant, ...below].map((level) => name(architecture, level));
}

/** ARMv9.0 is made of ARMv8.5, 9.1 of 8.6, and so on. */
function arm64(variant: string): string[] {
  const [, major, minor = '0'] = /^v([89])(?:\.(\d))?$/.exec(variant) ?? [];
  if (major === undefined) return [name('arm64', variant)];
  const revisions = (of: number, highest: number): string[] =>
    Array.from({ length: highest + 1 }, (_, i) =>
      name('arm64', i === highest ? `v${of}` : `v${of}.${highest - i}`),
    );
  if (major === '8') return revisions(8, Number(minor));
  return [...revisions(9, Number(minor)), ...revisions(8, Math.min(Number(minor) + 5, 9))];
}

/** The variant that goes without saying is left out, as normalizePlatform does. */
function name(architecture: string, variant: string): string {
  const implied =
    (architecture === 'amd64' && variant === 'v1') || (architecture === 'arm64' && variant === 'v8');
  return `${architecture}/${implied ? '' : variant}`;
}
