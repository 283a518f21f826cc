// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { writeJson } from '../state/atomic-file.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { Health } from '../types/health.ts';

/** Nothing for a container that was never started. */
export async function readHealth(context: Context, record: ContainerRecord): Promise<Health | undefined> {
  const found = await context.runs.read(pathOf(record));
  return isHealth(found) ? found : undefined;
}

export async function writeHealth(record: ContainerRecord, health: Health): Promise<void> {
  await writeJson(pathOf(record), health);
}

function pathOf({ bundle }: ContainerRecord): string {
  return join(bundle, 'health.json');
}

function isHealth(value: unknown): value is Health {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    typeof value.status === 'string' &&
    'failingStreak' in value &&
    typeof value.failingStreak === 'number' &&
    'log' in value &&
    Array.isArray(value.log)
  );
}
