// SPDX-License-Identifier: Apache-2.0
import { humanAge } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import type { ContainerRow } from '../output/container-row.ts';
import { namespaceFields, noNamespaces } from './namespaces.ts';

/** Containers of the store that other tools have made, such as a builder: podman's rows for them. */
export async function externalContainers(
  { containers, pods, store, images }: Engine,
  noTrunc: boolean,
): Promise<readonly ContainerRow[]> {
  const all = [...(await containers.list({ all: true })), ...(await pods.list())];
  const own = new Set(all.map(({ id }) => id));
  const others = (await store.containers.list()).filter(({ id }) => !own.has(id));
  return Promise.all(
    others.map(async ({ id, names = [], imageId: image = '', created }): Promise<ContainerRow> => {
      const createdAt = new Date(created);
      const short = (text: string): string => (noTrunc ? text : text.slice(0, 12));
      const found = image === '' ? undefined : await images.find(image);
      return {
        AutoRemove: false,
        CIDFile: '',
        Command: 'storage',
        Created: createdAt,
        CreatedAt: createdAt,
        CreatedHuman: humanAge(createdAt),
        ExitCode: 0,
        Exited: false,
        ExitedAt: 0,
        ID: short(id),
        Image: found?.names[0] ?? '',
        ImageID: short(image),
        IsInfra: false,
        Labels: new Map(),
        Mounts: [],
        Names: names[0] ?? '',
        Namespaces: noNamespaces,
        ...namespaceFields(noNamespaces),
        Networks: '',
        Pid: 0,
        Pod: '',
        Ports: '',
        Restarts: 0,
        RunningFor: humanAge(createdAt),
        StartedAt: 0,
        State: 'Storage',
        Status: 'Storage',
      };
    }),
  );
}

export function externalJson({
  ID,
  Image,
  ImageID,
  Names,
  CreatedHuman,
  Created,
}: ContainerRow): Readonly<Record<string, unknown>> {
  return {
    Command: ['storage'],
    CreatedAt: CreatedHuman,
    Id: ID,
    Image,
    ImageID,
    Names: [Names],
    State: 'storage',
    Status: 'Storage',
    Created: Math.floor(Created.getTime() / 1000),
  };
}
