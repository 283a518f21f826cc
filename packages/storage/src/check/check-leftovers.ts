// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { imageFolder, imageFolders } from '../image-folder.ts';
import { driverHomes } from '../paths.ts';
import { abandonedStaging } from '../staging.ts';
import { isUnused, tempNumber } from '../temp-dir.ts';
import { type Fault, newFault } from './fault.ts';
import { linkTarget } from './layer-files.ts';
import { hexId, idsIn, namesIn, type Survey } from './survey.ts';

/** Names in the driver's home that are no layers. Others are the driver's probes, which come and go. */
const notLayers = new Set(['l', 'staging', 'tempdirs']);

/**
 * What is in the folders of a store and belongs to no record. Where records were lost, nothing is called a leftover
 * that could be theirs.
 */
export async function checkLeftovers(survey: Survey): Promise<readonly Fault[]> {
  const { paths } = survey;
  const faults: Fault[] = [];
  const leftover = (path: string): void => void faults.push(newFault('leftover', { path }));
  const isLayer = (id: string): boolean => survey.layers.has(id) || survey.incomplete.has(id);

  if (survey.knowsLayers) {
    for (const { overlay, links } of driverHomes(paths)) {
      for (const id of idsIn(overlay)) {
        if (!isLayer(id) && !notLayers.has(id)) {
          faults.push(newFault('layer-unaccounted', { id, path: join(overlay, id) }));
        }
      }
      for (const name of namesIn(links)) {
        const target = linkTarget(join(links, name));
        const id = /^\.\.\/([^/]+)\/diff$/.exec(target ?? '')?.[1];
        if (id === undefined || !isLayer(id)) leftover(join(links, name));
      }
    }
    for (const name of namesIn(paths.layers)) {
      const id = /^([0-9a-f]{64})(?:\.tar-split\.gz)?$/.exec(name)?.[1];
      if (id !== undefined && !isLayer(id)) leftover(join(paths.layers, name));
    }
  }
  if (survey.knowsImages) {
    for (const folder of imageFolders(paths)) {
      for (const id of idsIn(folder)) if (!survey.images.has(id)) leftover(join(folder, id));
    }
  }
  if (survey.knowsContainers) {
    for (const folder of [paths.containers, paths.runContainers]) {
      for (const id of idsIn(folder)) if (!survey.containers.has(id)) leftover(join(folder, id));
    }
  }
  for (const path of unfinishedFiles(survey)) leftover(path);
  for (const path of await abandonedStaging(paths)) leftover(path);
  for (const home of [...driverHomes(paths).map(({ overlayTemp }) => overlayTemp), paths.layersTemp]) {
    const numbers = new Set(
      namesIn(home)
        .map(tempNumber)
        .filter((number) => number !== undefined),
    );
    for (const number of numbers) {
      if (await isUnused(home, number)) leftover(join(home, `temp-dir-${number}`));
    }
  }
  return faults;
}

/** Files under temporary names. All locks are held: nobody is about to give them their own. */
function* unfinishedFiles({ paths, images, containers }: Survey): Generator<string> {
  const folders = [
    paths.layers,
    ...(paths.imageStore === undefined ? [] : [paths.imageStore.layers]),
    ...imageFolders(paths),
    paths.containers,
    paths.runLayers,
    ...[...images.keys()].map((id) => imageFolder(paths, id)),
    ...[...containers.keys()].map((id) => join(paths.containers, id)),
  ];
  for (const folder of folders) {
    for (const name of namesIn(folder)) {
      if (name.startsWith('.tmp-') && !hexId.test(name)) yield join(folder, name);
    }
  }
}
