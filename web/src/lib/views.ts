// The pages in the order of the navigation.
export const VIEWS = [
  { path: '/', title: 'Now' },
  { path: '/incidents', title: 'Incidents' },
  { path: '/explore', title: 'Explore' },
  { path: '/sources', title: 'Sources' },
  { path: '/codes', title: 'Codes' },
  { path: '/contract', title: 'Contract' },
  { path: '/rules', title: 'Rules' },
  { path: '/setup', title: 'Setup' },
] as const;
