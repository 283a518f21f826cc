// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { driverHome } from '../layer-folder.ts';
import { type Fault, newFault, shown } from './fault.ts';
import type { RecordFile } from './record-file.ts';
import { idsIn, type Survey } from './survey.ts';

/** Files of records that are broken or lost, and records that contradict each other. */
export function* checkRecords(survey: Survey): Generator<Fault> {
  const { files } = survey;
  for (const file of Object.values(files)) yield* file.faults;
  const { paths } = survey;
  yield* checkPresence(files.layers, survey.knowsLayers || idsIn(paths.overlay).length === 0);
  yield* checkPresence(files.images, survey.knowsImages || idsIn(paths.images).length === 0);
  if (paths.imageStore !== undefined) {
    const { home, graphImages } = paths.imageStore;
    yield* checkPresence(files.imageLayers, survey.knowsLayers || idsIn(home.overlay).length === 0);
    yield* checkPresence(files.graphImages, survey.knowsImages || idsIn(graphImages).length === 0);
  }
  // With a transient store, containers are in the volatile file alone.
  if (files.volatileContainers.state === 'missing')
    yield* checkPresence(files.containers, survey.knowsContainers);
  yield* checkNames(files.layers.path, [...survey.layers.values()]);
  yield* checkNames(files.images.path, [...survey.images.values()]);
  yield* checkNames(files.containers.path, [...survey.containers.values()]);
}

function* checkPresence(file: RecordFile<unknown>, isKnown: boolean): Generator<Fault> {
  if (isKnown || (file.state !== 'missing' && file.state !== 'empty')) return;
  yield newFault('records-lost', { path: file.path }, file.state);
}

function* checkNames(
  path: string,
  records: readonly { readonly id: string; readonly names: readonly string[] }[],
): Generator<Fault> {
  const owners = new Map<string, string>();
  for (const { id, names } of records) {
    for (const name of names) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, id);
      else if (owner !== id) yield newFault('name-twice', { path }, `${shown(name)} of ${owner} and ${id}`);
    }
  }
}

/** What a layer's count of mounts says, against what is mounted. */
export function* checkMounts(survey: Survey): Generator<Fault> {
  const { mounted, mountpoints, paths } = survey;
  for (const { id, path } of mountpoints.values()) {
    if (!mounted.has(path)) yield newFault('mount-stale', { id, path });
  }
  for (const id of survey.everyLayer.keys()) {
    const isForContainers = survey.layers.has(id) && driverHome(paths, id) === paths;
    const home = isForContainers ? paths.overlay : paths.runOverlay;
    const path = join(home, id, 'merged');
    if (mounted.has(path) && !mountpoints.has(id)) yield newFault('mount-uncounted', { id, path });
  }
}
