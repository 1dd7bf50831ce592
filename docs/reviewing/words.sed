# What a person wrote for `getRewardAccountThreshold`: each marked sentence in words of the project, and what was to be decided.
s/REWRITE: the strictest entry.*known/A read, though it is a POST./
/^  getRewardAccountThreshold:/,/^    note:/{
  s/effect: moves-value/effect: reads/
  s/repeat: never/repeat: safe/
  s/after-401: unknown/after-401: replay/
  /^    settlement:/d
  /^      evidence: none/d
}
s/REWRITE: Get Reward Account Threshold/Get the balance below which an alert is sent/
s/REWRITE: say what it does, and what a caller.*call/The balance of one card account below which EnKash sends an alert. Where it is set is not said./
s/REWRITE: say what this sends/One card account of the company/
s/REWRITE: say what it answers, and.*like/The threshold. A failure has code 1 and a text as payload./
s/REWRITE: say what the body asks for/Whose threshold is asked for./
s/REWRITE: the company/Company id./
s/REWRITE: the account/Card account id./
s/REWRITE: say what the answer holds/The envelope with the threshold./
s/REWRITE: the threshold/The threshold, or the message of a failure./
s/REWRITE: say what it is, or on a failure.*message/The threshold; on a failure a string that repeats the message./
s/REWRITE: say what the result is/The threshold of one card account./
s/REWRITE: an alert goes out below/An alert is sent when the balance is below this amount./
s/REWRITE: name the method, or.*none/nobody needs more than the low level yet/
s/REWRITE: name the command, or.*none/nobody needs more than the low level yet/
s/REWRITE: is served, or.*not/answers 501 until somebody needs it/
