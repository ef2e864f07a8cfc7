/** Rules about how a member begins. */
export const mutants = [
  {
    name: 'survivor-removes-itself',
    rule: 'the last survivor of a cluster is not among the removed',
    file: 'src/bootstrap/force-new-cluster.ts',
    find: '.filter((each) => each !== memberId)',
    replace: '',
  },
];
