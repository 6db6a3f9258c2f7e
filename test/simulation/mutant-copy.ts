import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

/** A copy of the engine and of its tests, into which one bug at a time is planted. */
export interface MutantCopy {
  readonly root: string;
  /** Puts back what an earlier one replaced. */
  plant(mutant: Mutant): void;
}

/** What the simulation and the tests that mutants name are made of. */
const PARTS = ['lib', 'functions', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** @throws Error when what a mutant replaces is not there, or more than once: then it has to follow the source */
export function plantedSource({ name, find, replace }: Mutant, source: string): string {
  const parts = source.split(find);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined) {
    throw new Error(`${name}: what it replaces is there ${parts.length - 1} times`);
  }
  return before + replace + after;
}

export function copyEngine(root: string, folder: string): MutantCopy {
  for (const part of PARTS) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  let restore = () => {};
  return {
    root: folder,
    plant: (mutant) => {
      restore();
      const file = join(folder, mutant.file);
      const source = readFileSync(file, 'utf8');
      writeFileSync(file, plantedSource(mutant, source));
      restore = () => writeFileSync(file, source);
    },
  };
}
