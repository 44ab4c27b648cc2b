"""Reports for engineers: back-tests, suggestions, changes of rules, results of cases."""
