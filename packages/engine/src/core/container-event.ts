// SPDX-License-Identifier: Apache-2.0
import type { ContainerRecord } from '../types/containers.ts';
import type { EngineEvent } from '../types/events.ts';

/** What happened to a container, with all that is told of it. */
export function containerEvent(
  { id, name, imageName, options: { labels } }: ContainerRecord,
  action: EngineEvent['action'],
  attributes: Readonly<Record<string, string>> = {},
): Omit<EngineEvent, 'time'> {
  return {
    type: 'container',
    action,
    id,
    name,
    attributes: { image: imageName, ...attributes },
    ...(labels !== undefined && Object.keys(labels).length > 0 && { labels }),
  };
}
