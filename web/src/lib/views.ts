// The views in the order of the navigation.
import { texts } from '../texts/index.ts';

const t = texts.views;
export const VIEWS = [
  { path: '/', title: t.now },
  { path: '/incidents', title: t.incidents },
  { path: '/explore', title: t.explore },
  { path: '/sources', title: t.sources },
  { path: '/codes', title: t.codes },
  { path: '/contract', title: t.contract },
  { path: '/rules', title: t.rules },
  { path: '/setup', title: t.setup },
] as const;
