// SPDX-License-Identifier: Apache-2.0
import { startRegistry } from '@lading/registry';
import { createMemorySource, destinationConformance, sourceConformance } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';

sourceConformance('docker://', async (image) => {
  const registry = await startRegistry();
  const reference = `docker://${registry.host}/team/app:1`;
  const destination = await openDestination(reference, { tlsVerify: false });
  await copyImage(createMemorySource(image), destination);
  await destination.close();
  return {
    source: await openSource(reference, { tlsVerify: false }),
    dispose: () => registry.close(),
  };
});

destinationConformance('docker://', async () => {
  const registry = await startRegistry();
  const reference = `docker://${registry.host}/team/app:1`;
  return {
    destination: () => openDestination(reference, { tlsVerify: false }),
    source: () => openSource(reference, { tlsVerify: false }),
    dispose: () => registry.close(),
  };
});
