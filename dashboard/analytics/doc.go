// Package analytics turns the statistics of the chat nodes into figures and charts. What a node tells of an interval is
// counted once, however often it arrives. Single intervals are kept for a day, hours for ninety days, days for good.
//
// Figures are as old as the last interval that arrived, ten seconds as a rule. The peak of several nodes is the sum of what
// they told last, so it may miss a moment within an interval.
package analytics
