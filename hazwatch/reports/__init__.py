"""What an engineer reads: back-tests, proposals, changes of rules, results of cases."""
