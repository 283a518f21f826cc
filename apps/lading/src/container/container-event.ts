// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, EngineEvent } from '@lading/engine';

/** What was done with the files of a container. */
export function containerEvent(
  action: EngineEvent['action'],
  { id, name, imageName, options: { labels } }: ContainerInfo,
): Omit<EngineEvent, 'time'> {
  return {
    ...{ type: 'container', action, id, name, attributes: { image: imageName } },
    ...(labels && { labels }),
  };
}
