//! The forms of awk that people type.

use crate::shell::tests::check;

#[test]
fn awk_in_the_forms_used() {
    check(
        r#"
        $ printf 'a 1 x\nb 22 y\nc 3 z\n' > t; awk '{print $1,$NF}' t
        a x
        b y
        c z
        $ awk 'NR==2{print $2} END{print NR, FNR, NF}' t; awk -F: '{print $1 "-" $3}' <<< 'p:q:r'
        22
        3 3 3
        p-r
        $ awk '{s+=$2} END{print s, s/2; printf "%5.2f|%-4s|%03d|%c\n", s, "ab", 7, "xyz"}' t
        26 13
        26.00|ab  |007|x
        $ awk '$2>2 && /[bc]/{n[$3]++; print toupper($1) length($0)} END{for(k in n) print k, n[k]; print ("q" in n)}' t
        B6
        C5
        y 1
        z 1
        0
        $ awk -v n=2 'NR<=n' t; awk '/b/,/c/{print NR": "$0}' t; awk 'BEGIN{x="A-B-C"; n=split(x,p,"-"); print n, p[3], substr(x,3,1), index(x,"C")}'
        a 1 x
        b 22 y
        2: b 22 y
        3: c 3 z
        3 C B 5
        $ awk 'BEGIN{s="aXbXc"; gsub(/X/,"[&]",s); print s; if (match(s,/b.*/)) print RSTART, RLENGTH; i=0; while(i<3){i++; if(i==2) continue; print i}}'
        a[X]b[X]c
        5 5
        1
        3
        $ awk '{$2="-"; print; $5="e"; print NF": "$0}' t | head -n 2; awk 'BEGIN { print 1==1.0, "a"<"b", 2^3, 7%4, -2^2, 1 " " 2, !0, 1e6, 0.1+0.2, (5>3?"y":"n") }'
        a - x
        5: a - x  e
        1 1 8 3 -4 1 2 1 1000000 0.3 y
        $ echo 'exit' | awk '{exit 3}'; echo $?; awk 'BEGIN{print ENVIRON["HOME"]; print length("héé")}'; awk 'BEGIN{for(i=0;i<3;i++) printf "%s,", i; print ""}'
        3
        /root
        3
        0,1,2,
        "#,
    );
}

#[test]
fn what_awk_has_not() {
    check(
        r#"
        $ awk 'BEGIN{print 1 > "f"}'; echo $?
        Layerlab: awk prints to standard output here; redirect it in the shell
        2
        $ awk '{print'; awk 'BEGIN{system("x")}'; awk 'BEGIN{print 1/0}'; awk 'BEGIN{print 1}' nosuch; awk '{print}' nosuch; echo $?
        awk: syntax error at or near the end of the program
        Layerlab: awk has no function system here
        awk: division by zero
        1
        awk: cannot open "nosuch" (No such file or directory)
        2
        "#,
    );
}
